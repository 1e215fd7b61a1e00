//! `deploy/kubernetes`: valid for the API server, and consistent in what no schema can say.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use signet_tests::{Folder, run_signet};

use crate::kustomize::Assembled;
use crate::yaml::{document, documents, python, repository, texts};

#[test]
fn the_api_server_would_take_every_manifest() {
    let mut arguments = vec!["-m".into(), "kubernetes_validate".into(), "--strict".into()];
    arguments.extend(FOLDERS.iter().flat_map(|folder| manifests(folder)));
    arguments.extend(manifests("deploy/kubernetes/components/ingress"));
    let folders = ["", "secret", "volume"];
    let folders = folders.map(|name| repository().join("deploy/kubernetes").join(name));
    let wholes = folders.map(|folder| Assembled::of(&folder));
    let paths = wholes.iter().map(Assembled::path);
    arguments.extend(paths.map(|path| path.to_str().unwrap().to_owned()));
    let arguments: Vec<_> = arguments.iter().map(Path::new).collect();
    let output = python(&arguments);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{output:?}");
    assert!(
        said.lines().count() >= 10 && said.lines().all(|line| line.contains("passed")),
        "{said}"
    );
}

#[test]
fn every_manifest_belongs_to_a_kustomization() {
    for folder in FOLDERS {
        let kustomization = document(&format!("{folder}/kustomization.yaml"));
        let listed = texts(&kustomization["resources"]);
        for manifest in manifests(folder) {
            let name = Path::new(&manifest).file_name().unwrap().to_str().unwrap();
            assert!(listed.contains(&name), "{manifest} is in no kustomization");
        }
        for resource in listed {
            assert!(
                repository().join(folder).join(resource).exists(),
                "{folder}: {resource}"
            );
        }
    }
}

/// Patches name places in lists by number.
#[test]
fn the_volume_takes_the_place_of_the_secret() {
    let deployment = document(DEPLOYMENT);
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(pod["volumes"][1]["secret"]["secretName"], "signet-keys");
    assert_eq!(pod["containers"][0]["volumeMounts"][1]["name"], "keys");
    let patched = &document("deploy/kubernetes/volume/kustomization.yaml")["patches"][0]["patch"];
    for path in [
        "/spec/template/spec/securityContext/fsGroup",
        "/spec/template/spec/volumes/1",
        "/spec/template/spec/containers/0/volumeMounts/1",
    ] {
        assert!(patched.as_str().unwrap().contains(path), "{path}");
        assert!(deployment.pointer(path).is_some(), "{path}");
    }
}

/// Else new keys would not be encrypted, or as large, as those of the servers.
#[test]
fn rotation_reads_the_configuration_of_the_servers() {
    let deployment = document(DEPLOYMENT);
    let server = pod_of(&deployment).unwrap();
    let config = &server["volumes"][0];
    assert_eq!(config["secret"]["secretName"], "signet-config");
    for (folder, kind) in [("secret", "initContainers"), ("volume", "containers")] {
        let job = document(&format!("deploy/kubernetes/{folder}/rotate-keys.yaml"));
        let pod = pod_of(&job).unwrap();
        let containers = pod[kind].as_array().unwrap().iter();
        let mut rotations = containers.filter(|container| container["image"] == "signet");
        let rotation = rotations.next().unwrap();
        assert_eq!(rotation["envFrom"], server["containers"][0]["envFrom"]);
        assert_eq!(rotation["env"], server["containers"][0]["env"]);
        assert_eq!(
            rotation["volumeMounts"][0],
            server["containers"][0]["volumeMounts"][0]
        );
        assert_eq!(pod["volumes"][0], *config);
    }
}

#[test]
fn every_pod_is_as_restricted_as_can_be() {
    let mut pods = 0;
    for manifest in FOLDERS.iter().flat_map(|folder| manifests(folder)) {
        for pod in documents(&manifest).iter().filter_map(pod_of) {
            pods += 1;
            assert_restricted(pod, &manifest);
        }
    }
    assert_eq!(pods, 3, "the issuer and two kinds of rotation");
}

#[test]
fn services_probes_and_policies_mean_the_pods_and_ports_that_there_are() {
    let deployment = document(DEPLOYMENT);
    let template = &deployment["spec"]["template"];
    let labels = &template["metadata"]["labels"];
    let container = &template["spec"]["containers"][0];
    let ports = container["ports"].as_array().unwrap();
    let port = |name: &Value| ports.iter().any(|port| port["name"] == *name);

    assert_eq!(deployment["spec"]["selector"]["matchLabels"], *labels);
    let services = documents("deploy/kubernetes/base/services.yaml");
    assert_eq!(services.len(), 3);
    for service in services {
        assert_eq!(service["spec"]["selector"], *labels);
        assert!(
            port(&service["spec"]["ports"][0]["targetPort"]),
            "{service}"
        );
    }
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        assert!(port(&container[probe]["httpGet"]["port"]), "{probe}");
    }
    let budget = document("deploy/kubernetes/base/disruption-budget.yaml");
    assert_eq!(budget["spec"]["selector"]["matchLabels"], *labels);
    let policy = document("deploy/kubernetes/base/network-policy.yaml");
    assert_eq!(policy["spec"]["podSelector"]["matchLabels"], *labels);
    for rule in policy["spec"]["ingress"].as_array().unwrap() {
        assert!(port(&rule["ports"][0]["port"]), "{rule}");
    }
    let scaled = document("deploy/kubernetes/base/autoscaler.yaml");
    assert_eq!(
        scaled["spec"]["scaleTargetRef"]["name"],
        deployment["metadata"]["name"]
    );
}

#[test]
fn every_setting_is_one_that_signet_takes() {
    let base = document("deploy/kubernetes/base/kustomization.yaml");
    let folder = Folder::empty();
    let readme = fs::read_to_string(repository().join("deploy/kubernetes/README.md")).unwrap();
    let toml = readme
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    fs::write(folder.path().join("signet.toml"), toml).unwrap();
    let deployment = document(DEPLOYMENT);
    let pod = &deployment["spec"]["template"]["spec"];

    let mut settings = Vec::new();
    for literal in texts(&base["configMapGenerator"][0]["literals"]) {
        settings.push(literal.split_once('=').unwrap());
    }
    let config = folder.path().join("signet.toml");
    for variable in pod["containers"][0]["env"].as_array().unwrap() {
        let value = match variable["value"].as_str().unwrap() {
            "/config/signet.toml" => config.to_str().unwrap(),
            value => value,
        };
        settings.push((variable["name"].as_str().unwrap(), value));
    }
    let ran = run_signet(&Folder::empty(), &["config", "check"], &settings);
    assert!(ran.success, "{ran:?}");
    assert!(ran.stderr.is_empty(), "no warnings: {ran:?}");
    assert!(ran.stdout.contains("/keys/ring"), "{ran:?}");
}

#[test]
fn traffic_that_no_policy_allows_is_denied() {
    let deny = document("deploy/kubernetes/base/default-deny.yaml");
    assert_eq!(
        deny["spec"],
        json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
    );
    let job = document("deploy/kubernetes/secret/rotate-keys.yaml");
    let labels = &job["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"];
    let policy = document("deploy/kubernetes/secret/network-policy.yaml");
    assert_eq!(
        policy["spec"],
        json!({
            "podSelector": {"matchLabels": labels},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [{"ports": [{"port": 443}, {"port": 6443}]}],
        }),
        "the API server and nothing else"
    );
    // A policy that means the issuers must not let the jobs out, too.
    let issuers = document("deploy/kubernetes/base/network-policy.yaml");
    let issuers = &issuers["spec"]["podSelector"]["matchLabels"];
    for folder in ["secret", "volume"] {
        let job = document(&format!("deploy/kubernetes/{folder}/rotate-keys.yaml"));
        let labels = &job["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"];
        assert!(labels.is_object() && labels != issuers, "{folder}");
    }
}

/// `/admin` answers to the names that it was told, and to no others.
#[test]
fn operators_reach_administration_by_every_name_of_its_service() {
    let base = document("deploy/kubernetes/base/kustomization.yaml");
    let namespace = base["namespace"].as_str().unwrap();
    let services = documents("deploy/kubernetes/base/services.yaml");
    let name = services[2]["metadata"]["name"].as_str().unwrap();
    let names = [
        name.to_owned(),
        format!("{name}.{namespace}"),
        format!("{name}.{namespace}.svc"),
        format!("{name}.{namespace}.svc.cluster.local"),
    ];
    let setting = format!("SIGNET_OPS_HOSTS={}", names.join(","));
    let literals = texts(&base["configMapGenerator"][0]["literals"]);
    assert!(literals.contains(&setting.as_str()), "{literals:?}");
}

fn assert_restricted(pod: &Value, manifest: &str) {
    // Kubernetes would add variables that begin with SIGNET_ and are no settings.
    assert_eq!(pod["enableServiceLinks"], false, "{manifest}");
    let security = &pod["securityContext"];
    assert_eq!(security["runAsNonRoot"], true, "{manifest}");
    assert_eq!(security["runAsUser"], 65_532, "{manifest}");
    assert_eq!(
        security["seccompProfile"]["type"], "RuntimeDefault",
        "{manifest}"
    );
    let containers = ["initContainers", "containers"];
    let containers = containers.iter().filter_map(|kind| pod[kind].as_array());
    for container in containers.flatten() {
        let resources = &container["resources"];
        assert!(resources["requests"]["cpu"].is_string(), "{manifest}");
        assert!(resources["limits"]["memory"].is_string(), "{manifest}");
        let security = &container["securityContext"];
        assert_eq!(security["readOnlyRootFilesystem"], true, "{manifest}");
        assert_eq!(security["allowPrivilegeEscalation"], false, "{manifest}");
        assert_eq!(
            security["capabilities"]["drop"],
            json!(["ALL"]),
            "{manifest}"
        );
    }
}

/// Every manifest of a folder, kustomizations apart.
fn manifests(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(repository().join(folder)).expect("a folder");
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let wanted = names.filter(|name| name.ends_with(".yaml") && name != "kustomization.yaml");
    let root = repository();
    let mut found: Vec<_> = wanted
        .map(|name| root.join(folder).join(name).to_str().unwrap().to_owned())
        .collect();
    found.sort();
    found
}

/// The pod that a Deployment or a CronJob makes.
fn pod_of(manifest: &Value) -> Option<&Value> {
    let template = match manifest["kind"].as_str()? {
        "Deployment" => &manifest["spec"]["template"],
        "CronJob" => &manifest["spec"]["jobTemplate"]["spec"]["template"],
        _ => return None,
    };
    Some(&template["spec"])
}

const DEPLOYMENT: &str = "deploy/kubernetes/base/deployment.yaml";
const FOLDERS: [&str; 4] = [
    "deploy/kubernetes",
    "deploy/kubernetes/base",
    "deploy/kubernetes/secret",
    "deploy/kubernetes/volume",
];
