//! What a file holds after it was written, cut off, rotated and damaged.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use signet_core::audit::{
    ActorKind, AuditActor, AuditLine, AuditTime, ChainCheck, Outcome, VERSION,
};
use signet_verifier::Timestamp;
use tempfile::TempDir;

use super::*;

fn event(kind: &str) -> AuditEvent {
    AuditEvent {
        version: VERSION,
        time: AuditTime(Timestamp::from_millis(1_800_000_000_000)),
        kind: kind.to_owned(),
        actor: AuditActor {
            kind: ActorKind::System,
            id: None,
        },
        account: None,
        session: None,
        client: None,
        address: None,
        user_agent: None,
        request_id: None,
        outcome: Outcome::Success,
        reason: None,
        details: BTreeMap::new(),
    }
}

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    (folder, path)
}

/// The types of all events, after a check of the chain.
fn kinds(path: &Path) -> Vec<String> {
    let mut check = ChainCheck::default();
    let lines = audit_file_lines(path).unwrap();
    let read = lines.map(|line| {
        let line = AuditLine::read(&line.unwrap().text).unwrap();
        check.accept(&line).unwrap();
        line.event.kind
    });
    read.collect()
}

#[tokio::test]
async fn a_file_is_private_and_is_continued_after_a_restart() {
    let (_folder, path) = place();
    let file = AuditFile::open(&path, 1_000_000).unwrap();
    file.append(&[event("a"), event("b")]).await.unwrap();
    drop(file);
    let file = AuditFile::open(&path, 1_000_000).unwrap();
    file.append(&[event("c")]).await.unwrap();
    assert_eq!(kinds(&path), ["a", "b", "c"]);
    let mode = path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn two_processes_never_write_one_file() {
    let (_folder, path) = place();
    let _file = AuditFile::open(&path, 1_000_000).unwrap();
    let refused = AuditFile::open(&path, 1_000_000).err().unwrap().to_string();
    assert!(refused.contains("another process writes it"), "{refused}");
}

#[tokio::test]
async fn a_line_that_was_cut_off_is_removed() {
    let (_folder, path) = place();
    let file = AuditFile::open(&path, 1_000_000).unwrap();
    file.append(&[event("a"), event("b")]).await.unwrap();
    drop(file);
    let text = std::fs::read_to_string(&path).unwrap();
    for cut in [
        text.len() - 1,
        text.len() - 40,
        text.find('\n').unwrap() + 2,
    ] {
        std::fs::write(&path, &text[..cut]).unwrap();
        let file = AuditFile::open(&path, 1_000_000).unwrap();
        file.append(&[event("c")]).await.unwrap();
        assert_eq!(kinds(&path), ["a", "c"], "{cut}");
    }
}

#[tokio::test]
async fn a_full_file_is_renamed_and_the_next_one_continues_its_chain() {
    let (folder, path) = place();
    let file = AuditFile::open(&path, 1_000).unwrap();
    for number in 1..=9 {
        file.append(&[event(&format!("e{number}"))]).await.unwrap();
    }
    drop(file);
    assert!(std::fs::read_dir(folder.path()).unwrap().count() >= 3);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        assert!(entry.unwrap().metadata().unwrap().len() <= 1_000);
    }
    // The process died between the renaming and the first line of the next file.
    std::fs::rename(&path, rotated(&path, 9)).unwrap();
    let file = AuditFile::open(&path, 1_000).unwrap();
    file.append(&[event("e10")]).await.unwrap();
    let expected: Vec<_> = (1..=10).map(|number| format!("e{number}")).collect();
    assert_eq!(kinds(&path), expected);
}

#[tokio::test]
async fn a_damaged_newest_line_is_not_continued() {
    let (_folder, path) = place();
    let file = AuditFile::open(&path, 1_000_000).unwrap();
    file.append(&[event("a")]).await.unwrap();
    drop(file);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"a\"", "\"b\"")).unwrap();
    let refused = AuditFile::open(&path, 1_000_000).err().unwrap().to_string();
    assert!(refused.contains("its newest line is damaged"), "{refused}");
}

#[tokio::test]
async fn a_write_that_fails_leaves_whole_lines() {
    let (_folder, path) = place();
    let file = AuditFile::open(&path, 1_000_000).unwrap();
    file.append(&[event("a")]).await.unwrap();
    {
        let mut open = file.0.lock().unwrap();
        // A file that is open for reading refuses every write.
        open.file = File::open(&path).unwrap();
    }
    file.append(&[event("b")]).await.unwrap_err();
    let again = file.append(&[event("c")]).await.unwrap_err();
    assert!(again.to_string().contains("audit file"), "{again}");
    assert_eq!(kinds(&path), ["a"]);
}
