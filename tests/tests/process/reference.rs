//! Completions of the shells and manual pages: every command has its part in both.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use signet_tests::{Folder, run_signet};

#[test]
fn bash_completes_commands_and_their_options() {
    let folder = Folder::empty();
    let ran = run_signet(&folder, &["completions", "bash"], &[]);
    assert!(ran.success, "{ran:?}");
    fs::write(folder.path().join("signet.bash"), ran.stdout).unwrap();
    for (typed, expected) in [
        ("signet ke", "keys"),
        ("signet keys ro", "rotate"),
        ("signet keys rotate --ma", "--mac"),
        ("signet account unl", "unlock"),
    ] {
        assert_eq!(completed(&folder, typed), expected, "{typed}");
    }
}

#[test]
fn fish_completes_commands_and_their_options() {
    let folder = folder_with("fish", "signet.fish");
    for (typed, expected) in [
        ("signet ke", "keys"),
        ("signet keys ro", "rotate"),
        ("signet keys rotate --ma", "--mac"),
    ] {
        let script = format!("source signet.fish; complete -C '{typed}'");
        let mut fish = Command::new("fish");
        let fish = fish.args(["--no-config", "-c", &script]);
        let output = fish.env("HOME", folder.path()).current_dir(folder.path());
        let output = output.output().expect("a fish");
        let text = String::from_utf8(output.stdout).unwrap();
        // Behind a tab stands what the word means.
        let words: Vec<_> = text
            .lines()
            .filter_map(|line| line.split('\t').next())
            .collect();
        assert_eq!(words, [expected], "{typed}");
    }
}

/// The completions of zsh work only while a person types, so it gets a terminal of its own.
#[test]
fn zsh_completes_commands_and_their_options() {
    let folder = folder_with("zsh", "_signet");
    let script = r#"
        zmodload zsh/zpty
        zpty typing zsh -f -i
        zpty -w typing 'fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; echo RE""ADY'
        zpty -r -m typing shown '*READY*'
        zpty -w -n typing "$1"$'\t'
        zpty -r -m typing shown "*$2 *" && print completed
        zpty -d typing"#;
    for (typed, expected) in [
        ("signet ke", "keys"),
        ("signet keys ro", "rotate"),
        ("signet keys rotate --ma", "--mac"),
    ] {
        let mut zsh = Command::new("timeout");
        zsh.args(["60", "zsh", "-f", "-c", script, "zsh", typed, expected]);
        let zsh = zsh.env("TERM", "dumb").env("HOME", folder.path());
        let output = zsh.current_dir(folder.path()).output().expect("a zsh");
        assert_eq!(output.stdout, b"completed\n", "{typed}: {output:?}");
    }
}

#[test]
fn every_shell_gets_a_script_that_names_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run_signet(&Folder::empty(), &["completions", shell], &[]);
        assert!(ran.success, "{shell}: {ran:?}");
        for command in commands(&[]) {
            assert!(ran.stdout.contains(&command), "{shell}: {command}");
        }
    }
    let ran = run_signet(&Folder::empty(), &["completions", "tcsh"], &[]);
    assert!(!ran.success);
    assert!(ran.stderr.contains("possible values: bash"), "{ran:?}");
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Folder::empty();
    let ran = run_signet(&folder, &["man", "pages/man1"], &[]);
    assert!(ran.success, "{ran:?}");
    let entries = fs::read_dir(folder.path().join("pages/man1")).unwrap();
    let pages: BTreeSet<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut expected = BTreeSet::from(["signet.1".to_owned()]);
    for command in commands(&[]) {
        expected.insert(format!("signet-{command}.1"));
        for inner in commands(&[&command]) {
            expected.insert(format!("signet-{command}-{inner}.1"));
        }
    }
    assert!(expected.len() > 40, "{expected:?}");
    assert_eq!(pages, expected);
    let page = fs::read_to_string(folder.path().join("pages/man1/signet-keys-rotate.1")).unwrap();
    assert!(page.contains("Make the next key active"), "{page}");
    let version = run_signet(&folder, &["--version"], &[]).stdout;
    for page in &pages {
        let text = fs::read_to_string(folder.path().join("pages/man1").join(page)).unwrap();
        let mut lines = text.lines();
        let title = lines
            .find(|line| line.starts_with(".TH "))
            .expect("a title");
        assert!(title.contains(version.trim_end()), "{page}: {title}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = Folder::with_keys();
    let file = folder.keys().join("keyring.json");
    let ran = run_signet(&folder, &["man", &file.to_string_lossy()], &[]);
    assert!(!ran.success);
    assert!(
        ran.stderr.contains("cannot write manual pages to"),
        "{ran:?}"
    );
}

/// A folder with the script of a shell.
fn folder_with(shell: &str, name: &str) -> Folder {
    let folder = Folder::empty();
    let ran = run_signet(&folder, &["completions", shell], &[]).succeeded();
    fs::write(folder.path().join(name), ran.stdout).unwrap();
    folder
}

/// What a real bash completes `typed` to.
fn completed(folder: &Folder, typed: &str) -> String {
    let script = format!(
        "source ./signet.bash\n\
         read -ra COMP_WORDS <<< '{typed}'\n\
         COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         _signet signet \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD - 1]}}\"\n\
         echo \"${{COMPREPLY[@]}}\""
    );
    let output = Command::new("bash")
        .args(["--norc", "-c", &script])
        .current_dir(folder.path())
        .output()
        .expect("a bash");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Every command without commands of its own, as its words.
pub(super) fn leaves() -> Vec<Vec<String>> {
    let mut leaves = Vec::new();
    for command in commands(&[]) {
        let inner = commands(&[&command]);
        if inner.is_empty() {
            leaves.push(vec![command.clone()]);
        }
        leaves.extend(inner.into_iter().map(|inner| vec![command.clone(), inner]));
    }
    leaves
}

/// The commands that the help of `words` lists.
pub(super) fn commands(words: &[&str]) -> Vec<String> {
    let arguments = [words, &["--help"]].concat();
    let help = run_signet(&Folder::empty(), &arguments, &[]).stdout;
    let Some((_, list)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    let listed = list.lines().take_while(|line| !line.is_empty());
    // Descriptions go on in lines that are indented further.
    let named = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = named.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}
