//! The same work on many things, by several threads; results stand in the order of the
//! things, so that nothing shows how many threads there were.

use std::sync::atomic::{AtomicUsize, Ordering};

/// So many threads share the work. More would not help: it is bounded.
const THREADS: usize = 4;

/// Fewer things than this are done at once: a thread takes as long to start.
const FEW: usize = 8;

/// Does the work on each thing.
pub(super) fn each<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if things.len() < FEW {
        return things.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let share = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(thing) = things.get(at) else {
                return done;
            };
            done.push((at, work(thing)));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..THREADS).map(|_| scope.spawn(share)).collect();
        let mut all = share();
        for thread in threads {
            match thread.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, result)| result).collect()
}
