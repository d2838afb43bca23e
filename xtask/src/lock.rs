//! One at a time: a lock that the operating system releases even when its holder is killed.

use anyhow::{Context, Result};
use std::fs::{File, TryLockError};
use std::path::Path;

/// Held until it is dropped.
#[must_use = "the lock is released as soon as this is dropped"]
pub struct Lock {
    _file: File,
}

/// Takes the lock that `path` stands for, waiting for another holder and saying so.
pub fn take(path: &Path, whose: &str) -> Result<Lock> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .with_context(|| format!("cannot open the lock file {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            println!("{whose}: another one is at it, waiting for it to finish (lock: {})", path.display());
            file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("cannot lock {}", path.display()));
        }
    }
    Ok(Lock { _file: file })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn the_second_waits_for_the_first() {
        let path = std::env::temp_dir().join(format!("warren-lock-test-{}", std::process::id()));
        let released = AtomicBool::new(false);
        let first = take(&path, "test").expect("free");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _second = take(&path, "test").expect("freed in the end");
                assert!(released.load(Ordering::SeqCst), "the second got in while the first was at it");
            });
            std::thread::sleep(std::time::Duration::from_millis(50));
            released.store(true, Ordering::SeqCst);
            drop(first);
        });
        std::fs::remove_file(&path).expect("the lock file is there");
    }
}
