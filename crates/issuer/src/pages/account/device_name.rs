//! What a device is called for people: the program and the system that its `User-Agent` names.

/// The name of a device; the text itself if it names no program that people know.
pub(in crate::pages) fn device_name(user_agent: &str) -> String {
    let program = first_in(user_agent, &PROGRAMS);
    let system = first_in(user_agent, &SYSTEMS);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program}, {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => user_agent.to_owned(),
    }
}

fn first_in(text: &str, names: &[(&str, &'static str)]) -> Option<&'static str> {
    let known = names.iter().find(|(mark, _)| text.contains(mark));
    known.map(|(_, name)| *name)
}

/// Many browsers name others too, so the order decides.
const PROGRAMS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Phones name the system that theirs comes from, so the order decides.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_systems_have_the_names_that_people_know() {
        for (user_agent, name) in [
            (
                "(X11; Linux x86_64) Chrome/142.0.0.0 Safari/537.36",
                "Chrome, Linux",
            ),
            (
                "(Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge, Windows",
            ),
            (
                "(iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
                "Safari, iPhone",
            ),
            (
                "(Linux; Android 14) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome, Android",
            ),
            (
                "(Macintosh; Intel Mac OS X 10.15; rv:145.0) Firefox/145.0",
                "Firefox, macOS",
            ),
            ("curl/8.7.1", "curl/8.7.1"),
            ("", ""),
        ] {
            assert_eq!(device_name(user_agent), name);
        }
    }
}
