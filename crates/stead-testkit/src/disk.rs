//! What is left on a disk: looks for a text in every file of a folder, also
//! where it is packed. It knows no file format but that of zstd.
#![expect(
    clippy::missing_panics_doc,
    reason = "a folder that cannot be read is reported by a panic"
)]

use std::path::{Path, PathBuf};

use fs_err as fs;

/// Every file below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Copies every file below a folder to the same place below another.
pub fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).expect("below the folder"));
        fs::create_dir_all(target.parent().expect("it has one")).expect("created");
        fs::copy(file, target).expect("copied");
    }
}

/// Files below `folder` that hold `text`, as it is or in a zstd frame.
pub fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = files(folder);
    found.retain(|file| holds(&fs::read(file).expect("read"), text.as_bytes()));
    found
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    let contains = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    contains(bytes) || frames(bytes).any(|frame| contains(&frame))
}

/// Whatever unpacks at the places that look like the beginning of a frame.
fn frames(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    let starts = bytes.windows(MAGIC.len()).enumerate();
    let starts = starts.filter(|(_, window)| *window == MAGIC);
    starts.map(|(start, _)| unpacked(&bytes[start..]))
}

/// What a frame gives before it ends or turns out to be damaged.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    use std::io::Read;
    let mut unpacked = Vec::new();
    if let Ok(decoder) = zstd::Decoder::with_buffer(bytes) {
        // What came before the damage counts as well.
        let _ = decoder.single_frame().read_to_end(&mut unpacked);
    }
    unpacked
}

#[cfg(test)]
mod tests {
    use super::holding;

    #[test]
    fn packed_text_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let frame = zstd::encode_all("a needle in a stack".as_bytes(), 3).unwrap();
        let packed = [b"before".as_slice(), &frame, &frame[..9], b"after"].concat();
        fs_err::write(folder.path().join("packed"), packed).unwrap();
        fs_err::create_dir(folder.path().join("inner")).unwrap();
        fs_err::write(folder.path().join("inner/plain"), "needles").unwrap();
        fs_err::write(folder.path().join("other"), "nothing").unwrap();
        let found = holding(folder.path(), "needle");
        assert_eq!(
            found,
            [
                folder.path().join("inner/plain"),
                folder.path().join("packed")
            ]
        );
    }
}
