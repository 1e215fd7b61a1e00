//! A mail server that accepts mail and keeps it, for one test.
//!
//! It speaks as much of SMTP (RFC 5321, with STARTTLS of RFC 3207) as a sender needs.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A mail server.
#[derive(Debug)]
pub struct MailSink {
    address: SocketAddr,
    kept: Arc<Kept>,
}

/// When a mail server with a certificate begins TLS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailTls {
    /// With the connection.
    AtOnce,
    /// When the sender asks for it by STARTTLS.
    OnRequest,
}

#[derive(Debug)]
struct Kept {
    tls: Option<(MailTls, Arc<ServerConfig>)>,
    mails: Mutex<Vec<String>>,
    /// The commands that came without encryption.
    plain_commands: Mutex<Vec<String>>,
    answer: AtomicU16,
    holds_answers: AtomicBool,
}

impl MailSink {
    /// Starts one without TLS, which accepts everything. It serves until the process ends.
    ///
    /// # Panics
    ///
    /// If no port is free.
    pub fn start() -> Self {
        Self::serving(([127, 0, 0, 1], 0).into(), None)
    }

    /// The same at an address.
    ///
    /// # Panics
    ///
    /// If the address is in use.
    pub fn at(address: SocketAddr) -> Self {
        Self::serving(address, None)
    }

    /// Starts one with a certificate and its key, in PEM.
    ///
    /// # Panics
    ///
    /// If no port is free or the files cannot be used.
    pub fn with_tls(tls: MailTls, certificate: &Path, key: &Path) -> Self {
        let config = server_config(certificate, key);
        Self::serving(([127, 0, 0, 1], 0).into(), Some((tls, Arc::new(config))))
    }

    fn serving(address: SocketAddr, tls: Option<(MailTls, Arc<ServerConfig>)>) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let kept = Arc::new(Kept {
            tls,
            mails: Mutex::default(),
            plain_commands: Mutex::default(),
            answer: AtomicU16::new(ACCEPTED),
            holds_answers: AtomicBool::new(false),
        });
        let served = Arc::clone(&kept);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&served);
                // A sender that goes away ends its conversation, which is no fault.
                thread::spawn(move || serve(stream, &kept).unwrap_or_default());
            }
        });
        Self { address, kept }
    }

    /// Its URL, without TLS.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers each mail with this code from now on: 250 accepts, 4xx wants another attempt, 5xx
    /// refuses.
    pub fn answer_with(&self, code: u16) {
        self.kept.answer.store(code, Ordering::SeqCst);
    }

    /// From now on, whether it takes mail and never answers.
    pub fn hold_answers(&self, holds: bool) {
        self.kept.holds_answers.store(holds, Ordering::SeqCst);
    }

    /// The mails that were accepted, headers and content, with line ends as Unix writes them.
    pub fn mails(&self) -> Vec<String> {
        locked(&self.kept.mails).clone()
    }

    /// The first words of the commands that came without encryption.
    pub fn plain_commands(&self) -> Vec<String> {
        locked(&self.kept.plain_commands).clone()
    }
}

/// What ends a conversation.
enum End {
    Over,
    /// The sender begins TLS.
    StartTls,
}

fn serve(stream: TcpStream, kept: &Kept) -> io::Result<()> {
    match &kept.tls {
        None => talk(&stream, kept, None).map(drop),
        Some((MailTls::AtOnce, config)) => talk_secured(stream, kept, config),
        Some((MailTls::OnRequest, config)) => match talk(&stream, kept, Some(STARTTLS))? {
            End::Over => Ok(()),
            End::StartTls => talk_secured(stream, kept, config),
        },
    }
}

fn talk_secured(stream: TcpStream, kept: &Kept, config: &Arc<ServerConfig>) -> io::Result<()> {
    let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let stream = StreamOwned::new(connection, stream);
    // A conversation after STARTTLS begins without a greeting.
    let greets = !matches!(&kept.tls, Some((MailTls::OnRequest, _)));
    converse(stream, kept, (greets, None)).map(drop)
}

/// A conversation without encryption, whose commands are noted.
fn talk(stream: &TcpStream, kept: &Kept, offer: Option<&str>) -> io::Result<End> {
    converse(stream, kept, (true, offer))
}

fn converse(
    stream: impl Read + Write,
    kept: &Kept,
    (greets, offer): (bool, Option<&str>),
) -> io::Result<End> {
    let is_plain = greets && !matches!(&kept.tls, Some((MailTls::AtOnce, _)));
    let mut stream = BufReader::new(stream);
    if greets {
        reply(&mut stream, "220 sink")?;
    }
    let mut line = String::new();
    while stream.read_line(&mut line)? > 0 {
        let command = line.trim_end().to_ascii_uppercase();
        let word = command.split([' ', ':']).next().unwrap_or_default();
        if is_plain {
            locked(&kept.plain_commands).push(word.to_owned());
        }
        match (word, offer) {
            ("QUIT", _) => {
                reply(&mut stream, "221 bye")?;
                return Ok(End::Over);
            }
            ("STARTTLS", Some(_)) => {
                reply(&mut stream, "220 go on")?;
                return Ok(End::StartTls);
            }
            ("EHLO", Some(offer)) => reply(&mut stream, &format!("250-sink\r\n250 {offer}"))?,
            ("DATA", _) => {
                reply(&mut stream, "354 go on")?;
                let answer = take(kept, read(&mut stream)?);
                if kept.holds_answers.load(Ordering::SeqCst) {
                    // Until the sender goes away.
                    stream.read_line(&mut line)?;
                    return Ok(End::Over);
                }
                reply(&mut stream, &format!("{answer} as told"))?;
            }
            _ => reply(&mut stream, "250 as told")?,
        }
        line.clear();
    }
    Ok(End::Over)
}

fn reply(stream: &mut BufReader<impl Read + Write>, text: &str) -> io::Result<()> {
    let stream = stream.get_mut();
    stream.write_all(text.as_bytes())?;
    stream.write_all(b"\r\n")?;
    stream.flush()
}

/// The lines up to the one with a dot alone.
fn read(stream: &mut BufReader<impl Read>) -> io::Result<String> {
    let mut mail = String::new();
    for line in stream.lines() {
        let line = line?;
        if line == "." {
            break;
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
        mail.push('\n');
    }
    Ok(mail)
}

fn take(kept: &Kept, mail: String) -> u16 {
    let answer = kept.answer.load(Ordering::SeqCst);
    if answer == ACCEPTED {
        locked(&kept.mails).push(mail);
    }
    answer
}

fn server_config(certificate: &Path, key: &Path) -> ServerConfig {
    let chain = CertificateDer::pem_file_iter(certificate).expect("a file");
    let chain = chain.collect::<Result<Vec<_>, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ServerConfig::builder_with_provider(provider);
    let versions = versions.with_safe_default_protocol_versions();
    let config = versions.expect("versions of TLS").with_no_client_auth();
    config.with_single_cert(chain, key).expect("a pair")
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

const ACCEPTED: u16 = 250;
const STARTTLS: &str = "STARTTLS";
