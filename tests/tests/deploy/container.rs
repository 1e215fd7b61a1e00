//! Containers as an engine runs them: the root read-only, the account that the image names, no
//! capability and a network of their own. Knows nothing of what is inside.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// An image that was unpacked, with its volumes.
pub struct Image {
    place: TempDir,
    /// The volumes that are read-only in a container.
    read_only: Vec<&'static str>,
    /// What the image says about how it is run.
    pub config: Value,
}

impl Image {
    /// Unpacks an archive as `docker save` writes it.
    pub fn unpack(archive: &Path) -> Self {
        let place = tempfile::tempdir().expect("a temporary folder");
        let [parts, root, volumes] = ["parts", "root", "volumes"].map(|name| {
            let folder = place.path().join(name);
            fs::create_dir(&folder).expect("a new folder");
            folder
        });
        untar(archive, &parts);
        let manifest = read_json(&parts.join("manifest.json"));
        for layer in manifest[0]["Layers"].as_array().expect("layers") {
            untar(&parts.join(layer.as_str().expect("a name")), &root);
        }
        let name = manifest[0]["Config"].as_str().expect("a name");
        let config = read_json(&parts.join(name))["config"].clone();
        for name in config["Volumes"].as_object().expect("volumes").keys() {
            make_volume(&root.join(&name[1..]), &volumes.join(&name[1..]));
        }
        Self {
            place,
            read_only: Vec::new(),
            config,
        }
    }

    /// Gives what is on a volume to later containers as Kubernetes mounts a Secret: read-only, files
    /// of root that the group may read, each behind two links.
    pub fn mount_as_secret(&mut self, volume: &'static str) {
        let (_, group) = account(&self.config);
        let folder = self.place.path().join("volumes").join(&volume[1..]);
        let content = folder.join("..content");
        let made = folder.with_extension("made");
        fs::rename(&folder, &made).expect("a folder of our own");
        fs::create_dir_all(&content).expect("a new folder");
        symlink("..content", folder.join("..data")).expect("a link");
        for file in fs::read_dir(made).expect("a readable folder") {
            let file = file.expect("a readable entry");
            let name = file.file_name();
            let copy = content.join(&name);
            fs::copy(file.path(), &copy).expect("a copy");
            chown(&copy, Some(0), Some(group)).expect("the rights of root");
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o440)).expect("own file");
            symlink(Path::new("..data").join(&name), folder.join(&name)).expect("a link");
        }
        self.read_only.push(volume);
    }

    /// Where the root of the image lies.
    pub fn root(&self) -> PathBuf {
        self.place.path().join("root")
    }

    /// Runs a command of the image to its end.
    pub fn run(&self, name: &str, arguments: &[&str]) -> Output {
        self.prepare(arguments);
        let mut run = self.runtime(&["run", name]);
        run.output().expect("crun runs")
    }

    /// Starts a command of the image, or its usual one, and waits for its first line.
    pub fn start(&self, name: &'static str, arguments: &[&str]) -> Container<'_> {
        self.prepare(arguments);
        let log = File::create(self.place.path().join("log")).expect("a file");
        let mut run = self.runtime(&["run", name]);
        let mut child = run
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("crun runs");
        let mut first_line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        stdout.read_line(&mut first_line).expect("text");
        Container {
            image: self,
            name,
            child,
            first_line,
        }
    }

    /// Writes what an engine makes of the image for the runtime.
    fn prepare(&self, arguments: &[&str]) {
        let (user, group) = account(&self.config);
        let usual = self.config["Cmd"].as_array().expect("a command").clone();
        let said = arguments.iter().map(|&word| json!(word)).collect();
        let mut command = self.config["Entrypoint"].as_array().expect("it").clone();
        command.extend(if arguments.is_empty() { usual } else { said });
        let mut mounts = vec![
            json!({"destination": "/proc", "type": "proc", "source": "proc"}),
            json!({"destination": "/dev", "type": "tmpfs", "source": "tmpfs"}),
        ];
        for name in self.config["Volumes"].as_object().expect("volumes").keys() {
            let access = if self.read_only.contains(&name.as_str()) {
                "ro"
            } else {
                "rw"
            };
            let source = format!("volumes{name}");
            let options = ["bind", access];
            mounts.push(
                json!({"destination": name, "type": "bind", "source": source, "options": options}),
            );
        }
        let bundle = json!({
            "ociVersion": "1.0.2",
            "root": {"path": "root", "readonly": true},
            "process": {
                "args": command,
                "env": self.config["Env"],
                "cwd": self.config["WorkingDir"],
                "user": {"uid": user, "gid": group},
                "capabilities": {},
                "noNewPrivileges": true,
            },
            "mounts": mounts,
            "linux": {"namespaces": [
                {"type": "mount"}, {"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "network"},
            ]},
        });
        fs::write(self.place.path().join("config.json"), bundle.to_string()).expect("a file");
    }

    /// Its command line. It can handle the control groups of either version, not both side by side
    /// as some kernels have them, and has none to set up here: it sees none.
    fn runtime(&self, arguments: &[&str]) -> Command {
        let script = "mount -t tmpfs none /sys/fs/cgroup && exec crun --cgroup-manager=disabled --root state \"$@\"";
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "sh", "-c", script, "crun"])
            .args(arguments)
            .current_dir(self.place.path())
            .env("PATH", search_path());
        command
    }
}

/// A container that runs. It ends with the value.
pub struct Container<'i> {
    image: &'i Image,
    name: &'static str,
    child: Child,
    /// The first line that it wrote.
    pub first_line: String,
}

impl Container<'_> {
    /// Runs another program in it, as a health check does.
    pub fn execute(&self, command: &[&str]) -> Output {
        let mut exec = self.image.runtime(&["exec", self.name]);
        exec.args(command).output().expect("crun runs")
    }

    /// Runs a program of this machine in its network.
    pub fn in_its_network(&self, command: &[&str]) -> Output {
        let target = format!("--target={}", self.process());
        let mut enter = Command::new("nsenter");
        enter.args([&target, "--net"]).args(command);
        enter.output().expect("nsenter, of the package util-linux")
    }

    /// What the kernel says about its first process.
    pub fn status(&self) -> String {
        fs::read_to_string(format!("/proc/{}/status", self.process())).expect("a process")
    }

    /// What it has written to its standard error.
    pub fn log(&self) -> String {
        fs::read_to_string(self.image.place.path().join("log")).expect("text")
    }

    /// Asks it to end, waits until it has, and answers with how.
    pub fn stop(mut self) -> (bool, String) {
        let mut kill = self.image.runtime(&["kill", self.name, "TERM"]);
        assert!(kill.status().expect("crun runs").success());
        let status = self.child.wait().expect("a child");
        (status.success(), self.log())
    }

    fn process(&self) -> Value {
        let mut state = self.image.runtime(&["state", self.name]);
        let output = state.output().expect("crun runs");
        let state: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        state["pid"].clone()
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        // It is gone when the test has stopped it.
        let mut delete = self.image.runtime(&["delete", "--force", self.name]);
        let _gone = delete.output();
        let _status = self.child.wait();
    }
}

/// As engines do it, a new volume has owner and mode of the folder that is in the image.
fn make_volume(folder: &Path, volume: &Path) {
    let like = fs::metadata(folder).expect("a folder of the image");
    fs::create_dir(volume).expect("a new folder");
    fs::set_permissions(volume, like.permissions()).expect("own folder");
    chown(volume, Some(like.uid()), Some(like.gid())).expect("the rights of root");
}

/// The numbers of the account that the image names.
fn account(config: &Value) -> (u32, u32) {
    let text = config["User"].as_str().expect("an account");
    let (user, group) = text.split_once(':').expect("a user and a group");
    let number = |text: &str| text.parse().expect("a number, for Kubernetes to check");
    (number(user), number(group))
}

fn untar(archive: &Path, folder: &Path) {
    let mut tar = Command::new("tar");
    tar.args(["--numeric-owner", "-xf"]).arg(archive);
    let status = tar.arg("-C").arg(folder).status().expect("tar runs");
    assert!(status.success(), "{}", archive.display());
}

fn read_json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).expect("JSON")
}

/// With the runtime, wherever `tests/install-server.sh` has it.
fn search_path() -> String {
    let unpacked = concat!(env!("CARGO_MANIFEST_DIR"), "/.cache/crun/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    format!("{}:{unpacked}", path.to_string_lossy())
}
