//! A browser: it keeps cookies, follows redirects on this server and sends the forms that it sees.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use url::form_urlencoded::{Serializer, parse};

use crate::oauth::FORM;
use crate::support::{Answer, TestApp, request};

pub(crate) const PASSWORD: &str = "engine no. 9 steams";

/// Registers a person with [`PASSWORD`]; returns the tokens of a session at no browser.
pub(crate) async fn register(app: &TestApp, email: &str) -> Answer {
    let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
    let answer = app.post("/auth/register", &body.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer
}

/// The public listener serves every host.
const OPERATIONS_HOST: &str = "localhost:9090";

/// A browser with its cookies.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
    /// The origin of the pages, if it is not the usual one.
    pub(crate) origin: Option<&'static str>,
    /// The header `User-Agent`.
    pub(crate) user_agent: String,
    /// Whether it asks the operations listener.
    pub(crate) operates: bool,
}

impl Browser {
    /// Asks once.
    pub(crate) async fn get(&mut self, app: &TestApp, path: &str) -> Answer {
        let cookies = self.header();
        let headers = [
            ("cookie", cookies.as_str()),
            ("user-agent", self.user_agent.as_str()),
            ("host", OPERATIONS_HOST),
        ];
        let answer = self.ask(app, request("GET", path, &headers, "")).await;
        self.keep(&answer);
        answer
    }

    /// Sends a form once.
    pub(crate) async fn post(&mut self, app: &TestApp, path: &str, body: &str) -> Answer {
        let cookies = self.header();
        let own = if self.operates {
            "http://localhost:9090"
        } else {
            "http://127.0.0.1:8080"
        };
        let headers = [
            ("cookie", cookies.as_str()),
            ("origin", self.origin.unwrap_or(own)),
            ("user-agent", self.user_agent.as_str()),
            ("host", OPERATIONS_HOST),
            FORM,
        ];
        let answer = self.ask(app, request("POST", path, &headers, body)).await;
        self.keep(&answer);
        answer
    }

    /// Asks, and follows redirects until a page is shown or another server is next.
    pub(crate) async fn visit(&mut self, app: &TestApp, path: &str) -> Answer {
        let mut answer = self.get(app, path).await;
        while let Some(next) = answer.local_redirect() {
            answer = self.get(app, &next).await;
        }
        answer
    }

    /// Fills in the first form of a page, sends it, and follows redirects.
    pub(crate) async fn submit(
        &mut self,
        app: &TestApp,
        page: &Answer,
        filled: &[(&str, &str)],
    ) -> Answer {
        self.send(app, page.form(filled)).await
    }

    /// Fills in the form of a page that leads to `action`, sends it, and follows redirects.
    pub(crate) async fn submit_to(
        &mut self,
        app: &TestApp,
        (page, action): (&Answer, &str),
        filled: &[(&str, &str)],
    ) -> Answer {
        let body = page.form_to(action, filled);
        self.send(app, (action.to_owned(), body)).await
    }

    async fn send(&mut self, app: &TestApp, (action, body): (String, String)) -> Answer {
        let answer = self.post(app, &action, &body).await;
        match answer.local_redirect() {
            Some(next) => self.visit(app, &next).await,
            None => answer,
        }
    }

    /// Signs in on the page that is shown.
    pub(crate) async fn sign_in(&mut self, app: &TestApp, page: &Answer, email: &str) -> Answer {
        let filled = [("email", email), ("password", PASSWORD)];
        self.submit(app, page, &filled).await
    }

    async fn ask(&self, app: &TestApp, asked: Request<Body>) -> Answer {
        if self.operates {
            app.send_to_operations(asked).await
        } else {
            app.send(asked).await
        }
    }

    fn header(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep(&mut self, answer: &Answer) {
        for header in answer.headers.get_all("set-cookie") {
            let cookie = header.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = cookie.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Answer {
    /// Where the answer sends the browser.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text);
        self.header("location").unwrap()
    }

    pub(crate) fn local_redirect(&self) -> Option<String> {
        let to = self.header("location").filter(|_| self.status == 303)?;
        to.starts_with('/').then(|| to.to_owned())
    }

    /// The parameters of the answer to a client.
    pub(crate) fn to_client(&self, uri: &str) -> BTreeMap<String, String> {
        let location = self.location();
        assert!(location.starts_with(&format!("{uri}?")), "{location}");
        let query = &location[uri.len() + 1..];
        parse(query.as_bytes()).into_owned().collect()
    }

    /// The heading of a page.
    pub(crate) fn heading(&self) -> &str {
        let (_, rest) = self
            .text
            .split_once("<h1>")
            .unwrap_or(("", "no heading</h1>"));
        rest.split_once("</h1>").unwrap().0
    }

    /// The action and the body of the first form, with these fields filled in.
    pub(crate) fn form(&self, filled: &[(&str, &str)]) -> (String, String) {
        let action = self.actions().into_iter().next();
        assert!(action.is_some(), "no form: {}", self.text);
        let action = action.unwrap();
        let body = self.form_to(&action, filled);
        (action, body)
    }

    /// Where the forms of a page lead.
    pub(crate) fn actions(&self) -> Vec<String> {
        let actions = self.forms().filter_map(|form| attribute(form, "action"));
        actions.collect()
    }

    /// The body of the first form that leads to `action`, with these fields filled in.
    pub(crate) fn form_to(&self, action: &str, filled: &[(&str, &str)]) -> String {
        let is_wanted = |form: &&str| attribute(form, "action").as_deref() == Some(action);
        let form = self.forms().find(is_wanted);
        assert!(form.is_some(), "no form to {action}: {}", self.text);
        let form = form.unwrap();
        let mut body = Serializer::new(String::new());
        for input in form.split("<input ").skip(1) {
            let name = attribute(input, "name").unwrap();
            if !filled.iter().any(|(known, _)| *known == name) {
                body.append_pair(&name, &attribute(input, "value").unwrap_or_default());
            }
        }
        body.extend_pairs(filled);
        body.finish()
    }

    fn forms(&self) -> impl Iterator<Item = &str> {
        let forms = self.text.split("<form ").skip(1);
        forms.filter_map(|form| form.split_once("</form>").map(|(form, _)| form))
    }

    /// The texts of the elements `<code>`.
    pub(crate) fn codes(&self) -> Vec<String> {
        let codes = self.text.split("<code>").skip(1);
        codes
            .map(|rest| rest.split('<').next().unwrap().to_owned())
            .collect()
    }

    /// The value of an attribute, where the page first has it.
    pub(crate) fn attribute(&self, name: &str) -> String {
        attribute(&self.text, name).unwrap()
    }
}

fn attribute(element: &str, name: &str) -> Option<String> {
    let (_, rest) = element.split_once(&format!("{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&amp;", "&").replace("&quot;", "\""))
}
