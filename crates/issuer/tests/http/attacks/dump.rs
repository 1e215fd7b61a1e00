//! A thief with a dump of every store and with the keys of refresh tokens: nothing that was handed
//! out is in the dump, and no token can be made from it.

use std::collections::HashSet;
use std::fs;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signet_core::session::Session;
use signet_test_servers::Redis;

use super::doors::Door;
use super::forge::{ACCOUNT, GENERATION, HANDLE, RefreshBytes, TAG, mac_key};
use super::{PASSWORD, Person, Scene};
use crate::oauth::{Program, Signer, ask_by_assertion};

/// Everything that was handed out on a busy day, and what people and programs typed.
struct Issued {
    /// Texts that only their owners may have.
    texts: Vec<String>,
    /// Refresh tokens, which hold bytes that only their owners may have.
    refresh_tokens: Vec<String>,
}

impl Issued {
    fn note(&mut self, person: &Person) {
        self.refresh_tokens.push(person.refresh_token.clone());
        self.note_token(&person.access_token);
    }

    /// A token, and the part of it that only the server can make.
    fn note_token(&mut self, token: &str) {
        self.texts.push(token.to_owned());
        self.texts
            .extend(token.rsplit('.').next().map(str::to_owned));
    }

    /// All of it, in the spellings in which it could be kept.
    fn spellings(&self) -> Vec<Vec<u8>> {
        let mut spellings: Vec<_> = self.texts.iter().map(|text| text.clone().into()).collect();
        for token in &self.refresh_tokens {
            let bytes = RefreshBytes::of(token);
            for secret in [bytes.part(HANDLE), bytes.part(TAG)] {
                spellings.push(secret.to_vec());
                spellings.push(URL_SAFE_NO_PAD.encode(secret).into());
                spellings.push(hexadecimal(secret).into());
            }
            spellings.push(token.clone().into());
            spellings.push(token["sgr_".len()..].into());
        }
        spellings
    }
}

/// People sign in, refresh, leave; programs ask for tokens and give them back.
async fn a_busy_day(scene: &Scene) -> Issued {
    let mut issued = Issued {
        texts: vec![PASSWORD.to_owned()],
        refresh_tokens: Vec::new(),
    };
    programs(scene, &mut issued).await;
    for person in [&scene.ada, &scene.mallory] {
        issued.note(person);
        let second = person.login(&scene.app).await;
        let gone = person.login(&scene.app).await;
        issued.note(&second);
        issued.note(&gone);
        let left = Door::LogoutByBody.show(scene, &gone.refresh_token).await;
        assert_eq!(left.status, 204);
        let mut newest = second.refresh_token;
        for _ in 0..3 {
            scene.app.clock.advance(Duration::from_mins(1));
            let answer = Door::RefreshByBody.show(scene, &newest).await;
            newest = answer.member("refresh_token");
            issued.refresh_tokens.push(newest.clone());
            issued.note_token(&answer.member("access_token"));
        }
    }
    issued
}

async fn programs(scene: &Scene, issued: &mut Issued) {
    let app = &scene.app;
    let billing = Program::register(app, "billing", "orders", "").await;
    issued.texts.extend(billing.secret.clone());
    let form = "grant_type=client_credentials";
    let token = billing.ask(app, "/oauth/token", form).await;
    let token = token.member("access_token");
    issued.note_token(&token);
    let form = format!("token={token}");
    assert_eq!(billing.ask(app, "/oauth/revoke", &form).await.status, 200);
    let signer = Signer::register(app, "signer").await;
    let assertion = signer.assertion("signer", "one of a kind");
    let accepted = ask_by_assertion(app, &assertion, "").await;
    issued.note_token(&accepted.member("access_token"));
    issued.note_token(&assertion);
}

/// The database with its log, as a thief copies them.
fn database_of(scene: &Scene) -> Vec<u8> {
    let url = scene.app.app.settings.database_url.expose();
    let path = url.strip_prefix("sqlite://").unwrap();
    let files = ["", "-wal"].map(|suffix| fs::read(format!("{path}{suffix}")).unwrap());
    files.concat()
}

#[tokio::test]
async fn a_database_with_its_log_and_the_mac_key_make_no_token() {
    let scene = Scene::begin().await;
    let issued = a_busy_day(&scene).await;
    let dump = database_of(&scene);
    assert!(holds(&dump, scene.ada.email.as_bytes()), "no dump at all");
    nothing_issued_is_in(&dump, &issued);
    no_token_can_be_made_from(&dump, &scene).await;
}

#[tokio::test]
async fn a_redis_with_its_database_and_the_mac_key_make_no_token() {
    // Compressed values could not be searched.
    let redis = Redis::with(&["--rdbcompression", "no"]);
    let scene = Scene::begin_with(&[("SIGNET_REDIS_URL", &redis.url())]).await;
    let issued = a_busy_day(&scene).await;
    let dump = redis.dump();
    assert!(holds(&dump, scene.ada.id.as_bytes()), "no dump at all");
    nothing_issued_is_in(&dump, &issued);
    nothing_issued_is_in(&database_of(&scene), &issued);
    no_token_can_be_made_from(&dump, &scene).await;
}

fn nothing_issued_is_in(dump: &[u8], issued: &Issued) {
    for secret in issued.spellings() {
        let text = String::from_utf8_lossy(&secret);
        assert!(!holds(dump, &secret), "{text} was handed out");
    }
}

async fn no_token_can_be_made_from(dump: &[u8], scene: &Scene) {
    let sessions = sessions(scene).await;
    assert_eq!(sessions.len(), 4);
    for session in &sessions {
        assert!(holds(dump, session.id.as_bytes()), "the thief knows it");
    }
    assert!(!holds_a_handle(dump, &sessions));
    let ada = RefreshBytes::of(&scene.ada.refresh_token);
    let with_handle = [dump, ada.part(HANDLE)].concat();
    assert!(holds_a_handle(&with_handle, &sessions), "it would be found");
    let before = scene.remembered().await;
    let key = mac_key(&scene.app, &scene.ada.refresh_token);
    for token in best_guesses(dump, &sessions, scene, &key) {
        let answer = Door::RefreshByBody.show(scene, &token).await;
        let expected = (401, "session_ended".to_owned());
        assert_eq!(answer.problem(), expected, "{token}");
    }
    assert_eq!(scene.remembered().await, before);
}

/// Whether any 16 bytes of the dump, as they are or decoded, are the handle of a session, of which
/// its id is the hash.
fn holds_a_handle(dump: &[u8], sessions: &[Session]) -> bool {
    let ids: HashSet<&[u8]> = sessions
        .iter()
        .map(|session| &session.id.as_bytes()[..])
        .collect();
    let decoded = dump
        .windows(22)
        .flat_map(|text| URL_SAFE_NO_PAD.decode(text));
    let decoded: HashSet<Vec<u8>> = decoded.collect();
    let raw: HashSet<&[u8]> = dump.windows(16).collect();
    let mut handles = raw.into_iter().chain(decoded.iter().map(Vec::as_slice));
    handles.any(|handle| {
        let id = digest(&SHA256, &[b"signet sid v1", handle].concat());
        ids.contains(&id.as_ref()[..16])
    })
}

/// Tokens with a right tag, for each account and generation that the dump names, with each id in it
/// and with everything that stands near a session as the handle.
fn best_guesses(
    dump: &[u8],
    sessions: &[Session],
    scene: &Scene,
    key: &hmac::Key,
) -> HashSet<String> {
    let example = RefreshBytes::of(&scene.ada.refresh_token);
    let mut guesses = HashSet::new();
    let mut guess = |session: &Session, handle: &[u8], generation: u32| {
        let token = example
            .with(ACCOUNT, session.account_id.as_bytes())
            .with(HANDLE, handle)
            .with(GENERATION, &generation.to_be_bytes());
        guesses.insert(token.tagged(key).text());
    };
    for session in sessions {
        let newest = session.rotation.generation.number();
        for generation in (0..=newest + 1).chain([u32::MAX]) {
            for other in sessions {
                guess(session, other.id.as_bytes(), generation);
                guess(session, other.account_id.as_bytes(), generation);
            }
        }
        for handle in near(dump, session.id.as_bytes()) {
            guess(session, handle, newest);
        }
    }
    guesses
}

/// The 16 bytes that stand within 160 of each place where `id` is.
fn near<'d>(dump: &'d [u8], id: &'d [u8]) -> impl Iterator<Item = &'d [u8]> {
    let places = dump.windows(id.len()).enumerate();
    let places = places.filter(move |(_, window)| *window == id);
    places.flat_map(|(at, _)| {
        let to = dump.len().min(at + 160);
        dump[at.saturating_sub(160)..to].windows(16)
    })
}

/// The sessions of everybody.
async fn sessions(scene: &Scene) -> Vec<Session> {
    let remembered = scene.remembered().await;
    let sessions = remembered.into_iter().map(|person| person.sessions);
    sessions.flatten().collect()
}

fn holds(dump: &[u8], part: &[u8]) -> bool {
    dump.windows(part.len()).any(|window| window == part)
}

fn hexadecimal(bytes: &[u8]) -> String {
    let number = |half: &[u8]| u64::from_be_bytes(half.try_into().unwrap());
    let (first, second) = bytes.split_at(8);
    format!("{:016x}{:016x}", number(first), number(second))
}
