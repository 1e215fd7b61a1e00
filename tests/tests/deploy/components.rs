//! `deploy/kubernetes/components`: each names Services, ports and Secrets of the base. Most are of
//! kinds that only a cluster with their operator knows.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::kustomize::Assembled;
use crate::yaml::{document, documents, repository, texts};

#[test]
fn every_component_is_in_the_table_and_has_its_manifests() {
    let readme = fs::read_to_string(repository().join("deploy/kubernetes/README.md")).unwrap();
    let folders = fs::read_dir(repository().join(COMPONENTS)).unwrap();
    let names = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<_> = names.collect();
    assert_eq!(names.len(), 4, "{names:?}");
    for name in names {
        assert!(
            readme.contains(&format!("| `components/{name}` |")),
            "{name}"
        );
        let folder = format!("{COMPONENTS}/{name}");
        let component = document(&format!("{folder}/kustomization.yaml"));
        assert_eq!(component["kind"], "Component", "{name}");
        let files = fs::read_dir(repository().join(&folder)).unwrap();
        let files = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let manifests: Vec<_> = files.filter(|file| file != "kustomization.yaml").collect();
        assert_eq!(texts(&component["resources"]), manifests, "{name}");
    }
}

/// As the README says: components are named in the kustomization, beside each way to keep the keys.
#[test]
fn every_component_joins_every_kustomization_and_changes_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let shipped = repository().join("deploy/kubernetes");
    let copied = Command::new("cp")
        .arg("-r")
        .args([&shipped, place.path()])
        .status();
    assert!(copied.unwrap().success());
    for (name, up) in [("", ""), ("secret", "../"), ("volume", "../")] {
        let before = Assembled::of(&shipped.join(name)).manifests();
        let folder = place.path().join("kubernetes").join(name);
        let file = folder.join("kustomization.yaml");
        let mut text = fs::read_to_string(&file).unwrap();
        text.push_str("components:\n");
        for component in ADDED.map(|(component, ..)| component) {
            text.push_str(&format!("  - {up}components/{component}\n"));
        }
        fs::write(&file, text).unwrap();
        let whole = Assembled::of(&folder).manifests();
        let (added, others): (Vec<_>, Vec<_>) = whole
            .into_iter()
            .partition(|manifest| !before.contains(manifest));
        assert_eq!(others.len(), before.len(), "{name}");
        let mut added: Vec<_> = added.iter().map(told).collect();
        added.sort();
        let expected = ADDED.map(|(_, kind, named)| format!("{kind} {named} in signet"));
        assert_eq!(added, expected, "{name}");
    }
}

/// Kind, name and namespace of a manifest.
fn told(manifest: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let metadata = &manifest["metadata"];
    let names = [&manifest["kind"], &metadata["name"], &metadata["namespace"]].map(text);
    let [kind, name, namespace] = names;
    format!("{kind} {name} in {namespace}")
}

#[test]
fn both_kinds_of_route_serve_public_keys_while_no_replica_is_ready() {
    let ingress = document(&format!("{COMPONENTS}/ingress/ingress.yaml"));
    let rule = &ingress["spec"]["rules"][0];
    let paths = rule["http"]["paths"].as_array().unwrap().iter();
    let paths = paths.map(|path| {
        let service = &path["backend"]["service"];
        (&path["path"], &service["name"], &service["port"]["name"])
    });
    let (keys, rest) = (json!("/.well-known/jwks.json"), json!("/"));
    let (always, ready) = (json!("signet-public-keys"), json!("signet"));
    let port = json!("http");
    let expected = [(&keys, &always, &port), (&rest, &ready, &port)];
    assert_eq!(paths.collect::<Vec<_>>(), expected);
    for name in [&always, &ready] {
        let service = service(name);
        assert_eq!(service["spec"]["ports"][0]["name"], port);
        assert_eq!(service["spec"]["ports"][0]["port"], 80);
        let unready = service["spec"]["publishNotReadyAddresses"] == true;
        assert_eq!(unready, *name == always, "{name}");
    }

    let route = document(&format!("{COMPONENTS}/gateway-api/route.yaml"));
    let rules = route["spec"]["rules"].as_array().unwrap().iter();
    let rules = rules.map(|rule| {
        let backend = &rule["backendRefs"][0];
        assert_eq!(backend["port"], 80);
        (&rule["matches"][0]["path"]["value"], &backend["name"])
    });
    assert_eq!(
        rules.collect::<Vec<_>>(),
        [(&keys, &always), (&rest, &ready)]
    );

    let base = document("deploy/kubernetes/base/kustomization.yaml");
    let literals = texts(&base["configMapGenerator"][0]["literals"]);
    let url = literals
        .iter()
        .find_map(|text| text.strip_prefix("SIGNET_PUBLIC_URL=https://"));
    assert_eq!(rule["host"].as_str(), url);
    assert_eq!(texts(&route["spec"]["hostnames"]), [url.unwrap()]);
    assert_eq!(texts(&ingress["spec"]["tls"][0]["hosts"]), [url.unwrap()]);
}

#[test]
fn metrics_are_read_at_the_only_service_with_this_port() {
    let monitor = document(&format!("{COMPONENTS}/service-monitor/monitor.yaml"));
    let base = document("deploy/kubernetes/base/kustomization.yaml");
    let labels = &base["labels"][0]["pairs"];
    assert_eq!(monitor["spec"]["selector"]["matchLabels"], *labels);
    let endpoint = &monitor["spec"]["endpoints"][0];
    assert_eq!(endpoint["path"], "/metrics");
    let services = documents(SERVICES);
    let named = services.iter().filter(|service| {
        let mut ports = service["spec"]["ports"].as_array().unwrap().iter();
        ports.any(|port| port["name"] == endpoint["port"])
    });
    let named: Vec<_> = named.map(|service| &service["metadata"]["name"]).collect();
    assert_eq!(named, [&json!("signet-operations")]);
}

#[test]
fn the_configuration_arrives_where_the_replicas_read_it() {
    let secret = document(&format!("{COMPONENTS}/external-secrets/config.yaml"));
    let deployment = document("deploy/kubernetes/base/deployment.yaml");
    let pod = &deployment["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let name = &secret["spec"]["target"]["name"];
    assert_eq!(pod["volumes"][0]["secret"]["secretName"], *name);
    assert_eq!(container["env"][0]["name"], "SIGNET_CONFIG");
    let folder = container["volumeMounts"][0]["mountPath"].as_str().unwrap();
    let file = secret["spec"]["data"][0]["secretKey"].as_str().unwrap();
    assert_eq!(container["env"][0]["value"], format!("{folder}/{file}"));
}

fn service(name: &Value) -> Value {
    let mut services = documents(SERVICES).into_iter();
    let named = services.find(|service| service["metadata"]["name"] == *name);
    named.expect("a Service of the base")
}

/// Each component, and the manifest that it adds, in the order of the kinds.
const ADDED: [(&str, &str, &str); 4] = [
    ("external-secrets", "ExternalSecret", "signet-config"),
    ("gateway-api", "HTTPRoute", "signet"),
    ("ingress", "Ingress", "signet"),
    ("service-monitor", "ServiceMonitor", "signet"),
];
const COMPONENTS: &str = "deploy/kubernetes/components";
const SERVICES: &str = "deploy/kubernetes/base/services.yaml";
