//! Notes the commit that the binary is built from, for `signet --version`. Without git, as in a
//! source archive, there is none.

use std::process::Command;

fn main() {
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    // Not SIGNET_…: cargo passes it on to what it runs, where it would be an unknown setting.
    println!("cargo::rustc-env=BUILD_COMMIT={commit}");
    // A commit changes what HEAD points to, which git notes in its log of HEAD.
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let is_usable = output.status.success() && !text.trim().is_empty();
    is_usable.then(|| text.trim().to_owned())
}
