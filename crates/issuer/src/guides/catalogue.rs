//! Which pages and diagrams there are, and in which order people read them.

/// A page of the documentation.
pub(super) struct Guide {
    /// Its name in addresses.
    pub(super) name: &'static str,
    /// Its text in Markdown. The first line is the title.
    pub(super) text: &'static str,
}

/// Pages about one subject.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) guides: &'static [Guide],
}

impl Guide {
    /// The title, without its mark.
    pub(super) fn title(&self) -> &'static str {
        title(self.text)
    }

    /// The file of its text, from the root of the repository.
    pub(super) fn file(&self) -> String {
        match self.name {
            "security" => "SECURITY.md".to_owned(),
            name => format!("docs/{name}.md"),
        }
    }
}

/// The title of a text in Markdown, without its mark.
pub(super) fn title(text: &str) -> &str {
    let first = text.lines().next().unwrap_or_default();
    first.trim_start_matches(['#', ' '])
}

/// The page with this name.
pub(super) fn guide(name: &str) -> Option<&'static Guide> {
    let mut guides = GROUPS.iter().flat_map(|group| group.guides);
    guides.find(|guide| guide.name == name)
}

/// The diagram in the file with this name.
pub(super) fn diagram(name: &str) -> Option<&'static str> {
    let mut diagrams = DIAGRAMS.iter();
    let (_, svg) = diagrams.find(|(known, _)| *known == name)?;
    Some(svg)
}

/// Every page.
pub(super) const GROUPS: [Group; 5] = [
    Group {
        title: "Begin",
        guides: &[
            Guide {
                name: "getting-started",
                text: include_str!("../../../../docs/getting-started.md"),
            },
            Guide {
                name: "concepts",
                text: include_str!("../../../../docs/concepts.md"),
            },
            Guide {
                name: "endpoints",
                text: include_str!("../../../../docs/endpoints.md"),
            },
        ],
    },
    Group {
        title: "Services",
        guides: &[
            Guide {
                name: "verify",
                text: include_str!("../../../../docs/verify.md"),
            },
            Guide {
                name: "services",
                text: include_str!("../../../../docs/services.md"),
            },
            Guide {
                name: "gateways",
                text: include_str!("../../../../docs/gateways.md"),
            },
            Guide {
                name: "programs",
                text: include_str!("../../../../docs/programs.md"),
            },
            Guide {
                name: "revocation",
                text: include_str!("../../../../docs/revocation.md"),
            },
        ],
    },
    Group {
        title: "Apps and people",
        guides: &[
            Guide {
                name: "browser",
                text: include_str!("../../../../docs/browser.md"),
            },
            Guide {
                name: "redirect",
                text: include_str!("../../../../docs/redirect.md"),
            },
            Guide {
                name: "mobile",
                text: include_str!("../../../../docs/mobile.md"),
            },
            Guide {
                name: "account-page",
                text: include_str!("../../../../docs/account-page.md"),
            },
            Guide {
                name: "devices",
                text: include_str!("../../../../docs/devices.md"),
            },
            Guide {
                name: "refresh-tokens",
                text: include_str!("../../../../docs/refresh-tokens.md"),
            },
            Guide {
                name: "accounts",
                text: include_str!("../../../../docs/accounts.md"),
            },
            Guide {
                name: "mfa",
                text: include_str!("../../../../docs/mfa.md"),
            },
            Guide {
                name: "mail",
                text: include_str!("../../../../docs/mail.md"),
            },
        ],
    },
    Group {
        title: "Operate",
        guides: &[
            Guide {
                name: "deployment",
                text: include_str!("../../../../docs/deployment.md"),
            },
            Guide {
                name: "settings",
                text: include_str!("../../../../docs/settings.md"),
            },
            Guide {
                name: "stores",
                text: include_str!("../../../../docs/stores.md"),
            },
            Guide {
                name: "operate",
                text: include_str!("../../../../docs/operate.md"),
            },
            Guide {
                name: "upgrade",
                text: include_str!("../../../../docs/upgrade.md"),
            },
            Guide {
                name: "administration",
                text: include_str!("../../../../docs/administration.md"),
            },
            Guide {
                name: "operator-page",
                text: include_str!("../../../../docs/operator-page.md"),
            },
            Guide {
                name: "backup",
                text: include_str!("../../../../docs/backup.md"),
            },
            Guide {
                name: "moving",
                text: include_str!("../../../../docs/moving.md"),
            },
            Guide {
                name: "sizing",
                text: include_str!("../../../../docs/sizing.md"),
            },
            Guide {
                name: "metrics",
                text: include_str!("../../../../docs/metrics.md"),
            },
            Guide {
                name: "traces",
                text: include_str!("../../../../docs/traces.md"),
            },
            Guide {
                name: "events",
                text: include_str!("../../../../docs/events.md"),
            },
            Guide {
                name: "runbook",
                text: include_str!("../../../../docs/runbook.md"),
            },
        ],
    },
    Group {
        title: "Safety",
        guides: &[
            Guide {
                name: "limits",
                text: include_str!("../../../../docs/limits.md"),
            },
            Guide {
                name: "threat-model",
                text: include_str!("../../../../docs/threat-model.md"),
            },
            Guide {
                name: "security",
                text: include_str!("../../../../SECURITY.md"),
            },
        ],
    },
];

const DIAGRAMS: [(&str, &str); 4] = [
    (
        "crates.svg",
        include_str!("../../../../docs/diagrams/crates.svg"),
    ),
    (
        "refresh.svg",
        include_str!("../../../../docs/diagrams/refresh.svg"),
    ),
    (
        "rotation.svg",
        include_str!("../../../../docs/diagrams/rotation.svg"),
    ),
    (
        "tokens.svg",
        include_str!("../../../../docs/diagrams/tokens.svg"),
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn files(folder: &str, ending: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs")
            .join(folder);
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
            .collect()
    }

    #[test]
    fn every_page_and_every_diagram_of_the_folder_is_known() {
        for name in files("", ".md") {
            assert!(guide(&name).is_some(), "{name}");
        }
        let diagrams = DIAGRAMS
            .iter()
            .map(|(name, _)| name.trim_end_matches(".svg"));
        assert_eq!(
            files("diagrams", ".svg"),
            diagrams.map(str::to_owned).collect()
        );
    }

    #[test]
    fn no_name_is_used_twice() {
        let guides = GROUPS.iter().flat_map(|group| group.guides);
        let names: Vec<_> = guides.map(|guide| guide.name).collect();
        let different: BTreeSet<_> = names.iter().collect();
        assert_eq!(names.len(), different.len());
    }
}
