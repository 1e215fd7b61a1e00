//! Where the built programs lie: beside the test that runs.

use std::env;
use std::path::PathBuf;

/// The `signet` binary of the profile that this test was built with.
pub fn signet() -> PathBuf {
    built(
        "signet",
        "cargo build --workspace --all-features --bins --examples",
    )
}

/// An example program of the workspace, of the same profile.
pub fn example(name: &str) -> PathBuf {
    built(
        &format!("examples/{name}"),
        "cargo build --workspace --all-features --bins --examples",
    )
}

/// The folder of everything built with this profile, `target/debug` for example.
pub(crate) fn profile_folder() -> PathBuf {
    let test = env::current_exe().expect("a test knows where it is");
    let profile = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST");
    profile.to_owned()
}

fn built(name: &str, how: &str) -> PathBuf {
    let path = profile_folder().join(name);
    assert!(
        path.is_file(),
        "{} is missing: run `make test`, or `{how}`",
        path.display()
    );
    path
}
