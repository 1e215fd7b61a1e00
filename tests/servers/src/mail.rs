//! A mail server that accepts mail and keeps it, for one test.
//!
//! It speaks as much of SMTP (RFC 5321) as a sender needs, without TLS, on a free port.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A mail server.
#[derive(Debug)]
pub struct MailSink {
    address: SocketAddr,
    kept: Arc<Kept>,
}

#[derive(Debug)]
struct Kept {
    mails: Mutex<Vec<String>>,
    answer: AtomicU16,
}

impl MailSink {
    /// Starts one, which accepts everything. It serves until the process ends.
    ///
    /// # Panics
    ///
    /// If no port is free.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let kept = Arc::new(Kept {
            mails: Mutex::default(),
            answer: AtomicU16::new(ACCEPTED),
        });
        let served = Arc::clone(&kept);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&served);
                // A sender that goes away ends its conversation, which is no fault.
                thread::spawn(move || serve(&stream, &kept).unwrap_or_default());
            }
        });
        Self { address, kept }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Answers each mail with this code from now on: 250 accepts, 4xx wants another attempt, 5xx
    /// refuses.
    pub fn answer_with(&self, code: u16) {
        self.kept.answer.store(code, Ordering::SeqCst);
    }

    /// The mails that were accepted, headers and content, with line ends as Unix writes them.
    pub fn mails(&self) -> Vec<String> {
        let mails = self.kept.mails.lock();
        mails.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(mut stream: &TcpStream, kept: &Kept) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    stream.write_all(b"220 sink\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let command = line.to_ascii_uppercase();
        let reply = match command.split([' ', ':']).next().unwrap_or_default() {
            "QUIT" => return stream.write_all(b"221 bye\r\n"),
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                take(kept, read(&mut lines)?)
            }
            _ => ACCEPTED,
        };
        stream.write_all(format!("{reply} as told\r\n").as_bytes())?;
    }
    Ok(())
}

/// The lines up to the one with a dot alone.
fn read(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> std::io::Result<String> {
    let mut mail = String::new();
    for line in lines {
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
        let mails = kept.mails.lock();
        mails.unwrap_or_else(PoisonError::into_inner).push(mail);
    }
    answer
}

const ACCEPTED: u16 = 250;
