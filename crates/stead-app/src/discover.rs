//! Looks into all stores, and remembers what was seen so that it need not be
//! done again while nothing changes.

use std::collections::BTreeSet;

use stead_adapters::{Adapter, DiscoverError, Disk, Env, Sightings, Stamp, Unit, adapters};

/// What was changed so short a time ago is looked at anew: another change may
/// get the same time, as file systems tell times in steps of up to two seconds.
const YOUNG_MS: i64 = 2_000;

/// What a look into all stores came to.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// All units, the newest first.
    pub(crate) units: Vec<Unit>,
    /// Stores that could not be looked into.
    pub(crate) failed: Vec<DiscoverError>,
    seen: Vec<Sightings>,
}

impl Looked {
    /// What was seen since `began_ms`, for [`unchanged`]. `None` if it is not to be
    /// relied on.
    pub(crate) fn sightings(&self, env: &Env, began_ms: i64, now_ms: i64) -> Option<Vec<u8>> {
        let young = |seen: &Sightings| seen.newest_ms() >= began_ms - YOUNG_MS;
        // A server that is away is not worth waiting for in every command.
        let away = |error: &DiscoverError| matches!(error, DiscoverError::Server { .. });
        if !self.failed.iter().all(away) || self.seen.iter().any(young) {
            return None;
        }
        Sightings::to_bytes(&self.seen, view(env), now_ms)
    }
}

/// Whether discovery would find what it found when `sightings` were written down.
pub(crate) fn unchanged(sightings: &[u8], env: &Env, now_ms: i64, threads: usize) -> bool {
    Sightings::hold(sightings, view(env), now_ms, threads)
}

/// Runs all adapters' discovery side by side.
pub(crate) fn discover(env: &Env) -> Looked {
    let one = |adapter: &'static dyn Adapter| {
        let (mut units, disk) = (Vec::new(), Disk::default());
        // Sessions that were read by another version of the adapter are read anew.
        let reading = u64::from(adapter.info().reading);
        let result = adapter.discover(env, &disk, &mut |mut unit| {
            unit.stamp.mix(reading);
            units.push(unit);
        });
        let mut failed = disk.take_failures();
        failed.extend(result.err());
        (units, failed, disk.into_sightings())
    };
    let mut looked = Looked::default();
    std::thread::scope(|scope| {
        let running: Vec<_> = adapters()
            .iter()
            .map(|adapter| scope.spawn(move || one(*adapter)))
            .collect();
        for thread in running {
            // A panic in an adapter is our bug and stays one.
            let (units, failed, seen) = thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            looked.units.extend(units);
            for error in failed {
                // A folder that several look into is told of once.
                let told = error.to_string();
                if looked.failed.iter().all(|known| known.to_string() != told) {
                    looked.failed.push(error);
                }
            }
            looked.seen.push(seen);
        }
    });
    looked.units.sort_by(|a, b| {
        let by_name = || a.path.as_os_str().cmp(b.path.as_os_str());
        b.modified_ms.cmp(&a.modified_ms).then_with(by_name)
    });
    looked
}

/// A digest of all that discovery depends on beside files: where to look, the
/// variables that adapters name, and the adapters themselves.
fn view(env: &Env) -> u64 {
    let mut stamp = Stamp::default();
    let mut take = |bytes: &[u8]| stamp.mix_bytes(bytes);
    for server in &env.servers {
        take(server.agent.as_bytes());
        take(server.url.as_bytes());
    }
    for place in env.homes() {
        take(place.as_os_str().as_encoded_bytes());
    }
    let mut variables: BTreeSet<&str> = BTreeSet::new();
    for adapter in adapters() {
        let info = adapter.info();
        take(info.id.as_str().as_bytes());
        take(&info.reading.to_le_bytes());
        variables.extend(info.variables);
    }
    for name in variables {
        take(name.as_bytes());
        take(env.variable(name).unwrap_or_default().as_encoded_bytes());
    }
    take(env!("CARGO_PKG_VERSION").as_bytes());
    stamp.0
}
