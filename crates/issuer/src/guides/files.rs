//! The files of the repository that the pages link to: programs, configurations and further texts.
//!
//! This module must not know what the files say.

use std::collections::BTreeSet;

/// The text of a file. Its path begins at the root of the repository.
pub(super) fn file(path: &str) -> Option<&'static str> {
    let mut files = FILES.iter();
    let (_, text) = files.find(|(known, _)| *known == path)?;
    Some(text)
}

/// What is in a folder, a folder with a slash after its name; nothing for other paths.
pub(super) fn folder(path: &str) -> BTreeSet<&'static str> {
    let below = FILES.iter().filter_map(|(known, _)| {
        let rest = known.strip_prefix(path)?.strip_prefix('/')?;
        let name = rest.find('/').map_or(rest.len(), |slash| slash + 1);
        rest.get(..name)
    });
    below.collect()
}

/// The files that are pages.
#[cfg(test)]
pub(super) fn markdown_files() -> impl Iterator<Item = (&'static str, &'static str)> {
    let files = FILES.iter().copied();
    files.filter(|(path, _)| path.rsplit('.').next() == Some("md"))
}

macro_rules! files {
    ($($path:literal,)+) => {
        [$(($path, include_str!(concat!("../../../../", $path))),)+]
    };
}

/// Every file. `deploy/Containerfile.dockerignore` lets each of them into the build of an image.
static FILES: [(&str, &str); 105] = files![
    "ARCHITECTURE.md",
    "BENCHMARKS.md",
    "crates/issuer/web/client.d.ts",
    "crates/issuer/web/client.js",
    "crates/issuer/web/redirect.d.ts",
    "crates/issuer/web/redirect.js",
    "crates/verifier/README.md",
    "crates/verifier/examples/orders.rs",
    "deploy/Containerfile",
    "deploy/compose/README.md",
    "deploy/compose/compose.yaml",
    "deploy/compose/secrets.sh",
    "deploy/gateway/apache/README.md",
    "deploy/gateway/apache/httpd.conf",
    "deploy/gateway/apache/openidc.conf",
    "deploy/gateway/apache/update-keys.sh",
    "deploy/gateway/apisix/README.md",
    "deploy/gateway/apisix/apisix.yaml",
    "deploy/gateway/aws-api-gateway/README.md",
    "deploy/gateway/aws-api-gateway/template.yaml",
    "deploy/gateway/azure-api-management/README.md",
    "deploy/gateway/azure-api-management/policy.xml",
    "deploy/gateway/caddy/Caddyfile",
    "deploy/gateway/caddy/README.md",
    "deploy/gateway/envoy/README.md",
    "deploy/gateway/envoy/envoy.yaml",
    "deploy/gateway/envoy/offline.yaml",
    "deploy/gateway/haproxy/README.md",
    "deploy/gateway/haproxy/haproxy.cfg",
    "deploy/gateway/haproxy/update-keys.sh",
    "deploy/gateway/istio/README.md",
    "deploy/gateway/istio/istio.yaml",
    "deploy/gateway/kong/README.md",
    "deploy/gateway/kong/kong.yaml",
    "deploy/gateway/krakend/README.md",
    "deploy/gateway/krakend/krakend.json",
    "deploy/gateway/nginx/README.md",
    "deploy/gateway/nginx/nginx.conf",
    "deploy/gateway/nginx/offline.conf",
    "deploy/gateway/nginx/offline.js",
    "deploy/gateway/traefik/README.md",
    "deploy/gateway/traefik/routes.yaml",
    "deploy/gateway/traefik/traefik.yaml",
    "deploy/import/accounts.py",
    "deploy/kubernetes/README.md",
    "deploy/kubernetes/base/autoscaler.yaml",
    "deploy/kubernetes/base/default-deny.yaml",
    "deploy/kubernetes/base/deployment.yaml",
    "deploy/kubernetes/base/disruption-budget.yaml",
    "deploy/kubernetes/base/kustomization.yaml",
    "deploy/kubernetes/base/namespace.yaml",
    "deploy/kubernetes/base/network-policy.yaml",
    "deploy/kubernetes/base/services.yaml",
    "deploy/kubernetes/components/external-secrets/config.yaml",
    "deploy/kubernetes/components/external-secrets/kustomization.yaml",
    "deploy/kubernetes/components/gateway-api/kustomization.yaml",
    "deploy/kubernetes/components/gateway-api/route.yaml",
    "deploy/kubernetes/components/ingress/ingress.yaml",
    "deploy/kubernetes/components/ingress/kustomization.yaml",
    "deploy/kubernetes/components/service-monitor/kustomization.yaml",
    "deploy/kubernetes/components/service-monitor/monitor.yaml",
    "deploy/kubernetes/kustomization.yaml",
    "deploy/kubernetes/secret/account.yaml",
    "deploy/kubernetes/secret/kustomization.yaml",
    "deploy/kubernetes/secret/network-policy.yaml",
    "deploy/kubernetes/secret/rotate-keys.yaml",
    "deploy/kubernetes/volume/claim.yaml",
    "deploy/kubernetes/volume/kustomization.yaml",
    "deploy/kubernetes/volume/rotate-keys.yaml",
    "deploy/observability/README.md",
    "deploy/observability/alerts-test.yaml",
    "deploy/observability/alerts.yaml",
    "deploy/observability/dashboard.json",
    "deploy/observability/prometheus.yaml",
    "deploy/systemd/README.md",
    "deploy/systemd/signet-rotate-keys.service",
    "deploy/systemd/signet-rotate-keys.timer",
    "deploy/systemd/signet.service",
    "docs/benchmarks/connections.svg",
    "docs/benchmarks/memory.svg",
    "docs/benchmarks/peers.svg",
    "docs/benchmarks/replicas.svg",
    "docs/benchmarks/sessions.svg",
    "docs/events.examples.jsonl",
    "docs/events.schema.json",
    "docs/examples/apache-openid/httpd.conf",
    "docs/examples/apache-openid/site/index.html",
    "docs/examples/apache-openid/site/signed-out.html",
    "docs/examples/device/login.py",
    "docs/examples/express/app.mjs",
    "docs/examples/fastapi/app.py",
    "docs/examples/spa/index.html",
    "docs/examples/verify/dotnet/Program.cs",
    "docs/examples/verify/dotnet/orders.csproj",
    "docs/examples/verify/go/go.mod",
    "docs/examples/verify/go/keys.go",
    "docs/examples/verify/go/orders.go",
    "docs/examples/verify/go/verifier.go",
    "docs/examples/verify/java/pom.xml",
    "docs/examples/verify/java/src/main/java/com/example/Orders.java",
    "docs/examples/verify/node/orders.mjs",
    "docs/examples/verify/php/orders.php",
    "docs/examples/verify/python/orders.py",
    "docs/examples/verify/ruby/orders.rb",
    "keys/README.md",
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn a_folder_has_its_files_and_folders_once() {
        let nginx = ["README.md", "nginx.conf", "offline.conf", "offline.js"];
        assert_eq!(folder("deploy/gateway/nginx"), nginx.into());
        assert!(folder("deploy/gateway").contains("nginx/"));
        for path in ["deploy/gate", "nothing", "", "keys/README.md"] {
            assert_eq!(folder(path), BTreeSet::new(), "{path}");
        }
    }

    #[test]
    fn every_example_and_every_file_of_a_deployment_is_here() {
        for path in [
            "docs/examples",
            "deploy/gateway",
            "deploy/kubernetes",
            "deploy/systemd",
            "deploy/observability",
        ] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            find_missing(&root, path);
        }
    }

    fn find_missing(root: &Path, path: &str) {
        for entry in fs::read_dir(root.join(path)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            // People install what an example needs beside it.
            if ["node_modules", "venv", "__pycache__", "target"].contains(&name.as_str()) {
                continue;
            }
            let path = format!("{path}/{name}");
            if entry.path().is_dir() {
                find_missing(root, &path);
            } else {
                assert!(file(&path).is_some(), "{path} is missing");
            }
        }
    }
}
