//! A running server and its keys folder, with the clock in the test's hands.

mod contradicted;
mod mounted;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use signet_core::keys::{RingChange, RingRefusal, RotationPolicy};
use signet_store::InitOptions;
use signet_verifier::ManualClock;
use tempfile::TempDir;

use super::*;

struct Running {
    _parent: TempDir,
    followed: FollowedFolder,
    keys: LiveKeys,
    clock: Arc<ManualClock>,
    stores: Vec<Arc<dyn Backend>>,
}

impl Running {
    fn start(rotate_every: Option<Duration>) -> Self {
        let parent = tempfile::tempdir().unwrap();
        let settings = KeySettings {
            dir: parent.path().join("keys"),
            passphrase: None,
            size: signet_core::keys::KeySize::default(),
            policy: RotationPolicy::default(),
            rotate_every,
            lifetimes: signet_core::keys::Lifetimes::default(),
        };
        let followed = FollowedFolder::new(&settings);
        let options = InitOptions::default();
        followed
            .folder
            .init(&options, NOW, &mut system_rng())
            .unwrap();
        let clock = Arc::new(ManualClock::new(NOW));
        let shared = Arc::clone(&clock) as Arc<dyn Clock>;
        let loaded = followed.folder.load(NOW).unwrap();
        let keys = LiveKeys::new(loaded, "https://auth.example.com", shared).unwrap();
        Self {
            _parent: parent,
            followed,
            keys,
            clock,
            stores: Vec::new(),
        }
    }

    async fn look(&self) -> Option<String> {
        self.followed
            .look(&self.keys, &self.stores, self.clock.now(), false)
            .await;
        self.followed.problem().map(|problem| problem.to_string())
    }

    fn change(&self, decide: impl FnOnce(&KeyRing) -> Result<RingChange, RingRefusal>) {
        let options = ChangeOptions {
            now: self.clock.now(),
            size: None,
        };
        self.followed
            .folder
            .change(options, &mut system_rng(), decide)
            .unwrap();
    }

    fn rotate_at_once(&self) {
        let now = self.clock.now();
        self.change(|ring| ring.rotate(&RotationPolicy::AT_ONCE, now));
    }

    fn generation(&self) -> u64 {
        self.keys.current().ring.generation()
    }

    fn signs(&self) -> String {
        let now = self.clock.now();
        self.keys.current().signing.active_at(now).kid().to_string()
    }

    fn private_keys(&self) -> usize {
        let entries = fs::read_dir(self.followed.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        names
            .filter(|name| name.to_str().unwrap().starts_with("signing-"))
            .count()
    }
}

#[tokio::test]
async fn a_changed_folder_is_taken_up() {
    let running = Running::start(None);
    assert_eq!(running.look().await, None);
    let (signed, published) = (running.signs(), running.keys.published(NOW));
    running.rotate_at_once();
    assert_eq!(running.generation(), 1);
    assert_eq!(running.look().await, None);
    assert_eq!(running.generation(), 2);
    assert_ne!(running.signs(), signed);
    assert_ne!(running.keys.published(NOW).etag(), published.etag());
}

#[tokio::test]
async fn a_recorded_rotation_takes_effect_without_another_look() {
    let running = Running::start(None);
    running.clock.advance(Duration::from_hours(24));
    let now = running.clock.now();
    running.change(|ring| ring.rotate(&RotationPolicy::default(), now));
    assert_eq!(running.look().await, None);
    let before = running.signs();
    running.clock.advance(Duration::from_mins(2));
    assert_ne!(running.signs(), before);
    assert_eq!(running.private_keys(), 3);
    assert_eq!(running.look().await, None);
    assert_eq!(running.private_keys(), 2);
}

#[tokio::test]
async fn a_broken_folder_keeps_the_last_good_keys_until_it_is_mended() {
    let running = Running::start(None);
    running.look().await;
    let ring = running.followed.folder.path().join("keyring.json");
    let text = fs::read_to_string(&ring).unwrap();
    let breakages: [&dyn Fn(); 4] = [
        &|| fs::write(&ring, &text[..text.len() / 2]).unwrap(),
        &|| fs::remove_file(&ring).unwrap(),
        &|| fs::write(ring.with_file_name("foreign"), "").unwrap(),
        &|| fs::set_permissions(&ring, fs::Permissions::from_mode(0o666)).unwrap(),
    ];
    for break_it in breakages {
        break_it();
        assert!(running.look().await.is_some());
        assert_eq!(running.generation(), 1);
        assert!(running.keys.signs_at(NOW));
        let _was_not_there = fs::remove_file(ring.with_file_name("foreign"));
        fs::write(&ring, &text).unwrap();
        fs::set_permissions(&ring, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(running.look().await, None);
    }
}

/// What lies under a hidden name changes no stamp, as a disk that fails once does not.
#[tokio::test]
async fn a_folder_that_could_not_be_read_once_is_read_again_although_nothing_changed() {
    let running = Running::start(None);
    let hidden = running.followed.folder.path().join(".staged-mac-1.pem");
    fs::write(&hidden, "").unwrap();
    fs::set_permissions(&hidden, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(running.look().await.is_some());
    fs::remove_file(&hidden).unwrap();
    running
        .clock
        .advance(RETRY.saturating_sub(Duration::from_secs(1)));
    assert!(running.look().await.is_some());
    running.clock.advance(Duration::from_secs(1));
    assert_eq!(running.look().await, None);
}

#[tokio::test]
async fn a_key_file_that_others_can_read_is_noticed() {
    let running = Running::start(None);
    running.look().await;
    let mac = running.followed.folder.path().join("mac-1.pem");
    fs::set_permissions(&mac, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(running.look().await.unwrap().contains("has mode 0644"));
}

#[tokio::test]
async fn a_ring_that_went_back_is_not_taken_up() {
    let running = Running::start(None);
    let path = running.followed.folder.path().join("mac-1.pem");
    let ring = path.with_file_name("keyring.json");
    let (old_ring, old_mac) = (fs::read(&ring).unwrap(), fs::read(&path).unwrap());
    running.change(|ring| ring.rotate_mac(&RotationPolicy::AT_ONCE, NOW));
    assert_eq!(running.look().await, None);
    fs::write(&ring, old_ring).unwrap();
    fs::write(&path, old_mac).unwrap();
    fs::remove_file(path.with_file_name("mac-3.pem")).unwrap();
    let problem = running.look().await.unwrap();
    assert!(problem.starts_with("the key ring went back from generation 2 to 1"));
    assert_eq!(running.generation(), 2);
}

#[tokio::test]
async fn the_schedule_rotates_and_retires() {
    let running = Running::start(Some(Duration::from_hours(48)));
    running.look().await;
    running.clock.advance(Duration::from_hours(48));
    running.look().await;
    running.look().await;
    assert_eq!(running.generation(), 2);
    running.clock.advance(Duration::from_mins(2 + 10 + 2));
    running.look().await;
    running.look().await;
    assert_eq!(running.generation(), 3);
    assert_eq!(
        running
            .keys
            .current()
            .ring
            .published_at(running.clock.now())
            .count(),
        2
    );
}

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
