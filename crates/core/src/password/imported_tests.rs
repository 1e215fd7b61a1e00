//! Hashes that other services made: passlib 1.7, Django 5.2, argon2-cffi and Keycloak's functions.

use super::*;
use crate::secret::SecretText;

fn password(text: &str) -> Password {
    Password::typed(&SecretText::new(text.to_owned())).unwrap()
}

/// All of `correct horse`.
const HASHES: [&str; 18] = [
    // Django
    "pbkdf2_sha256$1000$X2CPc7OIpX6D9EpuWFjhxb$hR/3jQoLT6TVRaA44c+3DOcYuSX8hU8EoWsNPSTOmlk=",
    "pbkdf2_sha1$1000$fLwpkKNqgXtlVp2SYMjC8l$OlbjzVG/MyUdgFv/L30WOW0aKZc=",
    "argon2$argon2id$v=19$m=102400,t=2,p=8$a2w4dHQ5bjFGOUdad0RXMlJCN2tubA$fm4CY8O59U/LpORH09r8HGhz4BasThUhauI5GzZiPlU",
    "bcrypt_sha256$$2b$04$P6OeQB/vpJrP3ibTIasXlOsdd/Gb91OUiprUP3gFml844TVrvg/.a",
    "bcrypt$$2b$04$Mi6jvDMCEwCqLDzHBBwhdujjUhyJUVTzLIldDg5wwTntSN8Bq3NKy",
    "scrypt$16384$SZHrg9Dp7kqIJK7cnZvn1V$8$5$e+4Dnmg8mfYg5Zj0wiDgMc9pmHytfBc2CuwItkiWUa0nVfB/zYTc7Y7GgNK/sohpisw3xac7x0Ofs3As11EuDg==",
    // passlib and crypt
    "$2b$04$UMf4RRWPRgxcYEBG/de49upo8Qg3nitix.rhhUOoDkDegRr9qu6/u",
    "$2a$04$XjejOFYEZQi2h8deLG19reZ50OHDUrKwrSd9iPda548FH7fXIe1Iy",
    "$2y$04$m3hfSG5wPtv6rWfaklxVM.OTdY.i6ohiaz8rJf/9m.Tm1Q/zFEZ3q",
    "$pbkdf2-sha256$1000$9J4T4rwXwrhXyhkjhJCScg$abh3kgioP58i0VT96NTbyspd3.Bq0R3vXfw4hvOnEt8",
    "$pbkdf2-sha512$1000$ZMxZi9H63ztHiDEmRAghxA$AjYtHgA6e4Dt/tsgqF9s2O8vrVUBulW4Elrn5UEcpvPE4FA6OnUKqzAuAaC.3CM2jB0HvB4Bqxl5VjMIIw3QqA",
    "$pbkdf2$1000$.v8fA6CU8j4nxNi7l/LeOw$Fl19kWxyF6.qInRynNAdpkIH4W8",
    "$scrypt$ln=10,r=8,p=1$qHWOMaa09n4vhRBiDOGcMw$zoAa0jshZ2p7uzauR8rPHpm4jHw9jylwpfNrG82IY6s",
    "$argon2i$v=19$m=512,t=2,p=4$EmJMqXUOoXTufQ/BmBMixA$X3qo+jb3vSXeNFYyZeV7K/ayuF0ami6a16GN1qLdTKo",
    "$argon2id$v=19$m=1024,t=3,p=2$5rz3/v/f27t3LiUEYEzpfQ$f1XQUy+uJW2Ov1FbA4F7Aho+LwMESyKZIg/GajAaj9Y",
    // Keycloak, as docs/accounts.md maps it
    "$pbkdf2-sha512$i=2100,l=64$pNZ0TI8Lx2qQ0YTFdqCpyg==$SqvpNWAgIPZd9XniflqIbi0VEbYY+H+YYzl8MEMlsoRXcpukIkh8qZjJJng8n5LFYhd/GCDAZMupdfjI3PayYg==",
    "$pbkdf2-sha512$i=2100,l=64$pNZ0TI8Lx2qQ0YTFdqCpyg$SqvpNWAgIPZd9XniflqIbi0VEbYY+H+YYzl8MEMlsoRXcpukIkh8qZjJJng8n5LFYhd/GCDAZMupdfjI3PayYg",
    "$argon2id$v=19$m=7168,t=5,p=1$kIpo06gkeXjPy0xhM39oDA$q/qd+pJM4euFhVDDuuxtg4JJc2PYcBizFV8o0FDxnf0",
];

#[test]
fn hashes_of_other_services_match_their_password_only_and_are_replaced() {
    let mut hasher = Hasher::new();
    for text in HASHES {
        let stored: PasswordHash = text.parse().unwrap();
        assert_eq!(stored.as_str(), text);
        let right = hasher.verify(&password("correct horse"), &stored);
        assert!(right.matches && right.needs_rehash, "{text}");
        let wrong = hasher.verify(&password("correct Horse"), &stored);
        assert!(!wrong.matches, "{text}");
    }
}

#[test]
fn bcrypt_reads_the_first_72_bytes_as_everywhere() {
    // Made by passlib with 80 times "x".
    let stored = "$2b$04$ZDPh8bhgasneoEdqGKX2GO/POyXqFnd0Tw.At9ghQLwu6xy1fMVaS";
    let stored: PasswordHash = stored.parse().unwrap();
    let mut hasher = Hasher::new();
    for (length, matches) in [(71, false), (72, true), (80, true), (200, true)] {
        let verdict = hasher.verify(&password(&"x".repeat(length)), &stored);
        assert_eq!(verdict.matches, matches, "{length}");
    }
}

#[test]
fn a_hash_that_would_cost_too_much_is_refused() {
    let salt = "c29tZXNhbHRzb21lc2FsdA";
    let output = "2Tz31/DvwM3ZDNXezOIBNEq021DwStEmw1lLBM1roy4";
    for text in [
        format!("$argon2id$v=19$m=262145,t=1,p=1${salt}${output}"),
        format!("$argon2id$v=19$m=65536,t=17,p=1${salt}${output}"),
        format!("$argon2id$v=19$m=4194304,t=1,p=1${salt}${output}"),
        "$2b$15$UMf4RRWPRgxcYEBG/de49upo8Qg3nitix.rhhUOoDkDegRr9qu6/u".to_owned(),
        "$2b$31$UMf4RRWPRgxcYEBG/de49upo8Qg3nitix.rhhUOoDkDegRr9qu6/u".to_owned(),
        format!("$scrypt$ln=18,r=8,p=1${salt}${output}"),
        format!("$scrypt$ln=17,r=8,p=3${salt}${output}"),
        format!("$scrypt$ln=99,r=8,p=1${salt}${output}"),
        format!("$scrypt$ln=1,r=4294967295,p=4294967295${salt}${output}"),
        format!("scrypt$1073741824$salt$8$1${output}"),
        format!("$pbkdf2-sha256$i=2000001,l=32${salt}${output}"),
        format!("pbkdf2_sha256$99999999999999999999$salt${output}"),
        format!("pbkdf2_sha1$1000001$salt${output}"),
    ] {
        let refused = text.parse::<PasswordHash>().unwrap_err();
        assert_eq!(refused, InvalidPasswordHash::TooCostly, "{text}");
    }
}

#[test]
fn a_text_that_is_no_complete_hash_is_refused() {
    for text in [
        "",
        "correct horse",
        "$",
        "$$$$",
        "argon2",
        "argon2$",
        "bcrypt",
        "bcrypt$",
        "scrypt$",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHRzb21lc2FsdA",
        "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2Tz31/DvwM3ZDNXezOIBNEq021DwStEmw1lLBM1roy4",
        "$argon2id$v=7$m=256,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2Tz31/DvwM3ZDNXezOIBNEq021DwStEmw1lLBM1roy4",
        "$2b$04$UMf4RRWPRgxcYEBG/de49upo8Qg3nitix.rhhUOoDkDegRr9qu6/",
        "$2b$04$UMf4RRWPRgxcYEBG/de49upo8Qg3nitix.rhhUOoDkDegRr9qu6/u2",
        "$2b$03$UMf4RRWPRgxcYEBG/de49upo8Qg3nitix.rhhUOoDkDegRr9qu6/u",
        "$2x$04$UMf4RRWPRgxcYEBG/de49upo8Qg3nitix.rhhUOoDkDegRr9qu6/u",
        "$2b$04$\u{e9}Mf4RRWPRgxcYEBG/de49upo8Qg3nitix.rhhUOoDkDegRr9qu6/u",
        "$pbkdf2-sha256$0$9J4T4rwXwrhXyhkjhJCScg$abh3kgioP58i0VT96NTbyspd3.Bq0R3vXfw4hvOnEt8",
        "$pbkdf2-sha256$i=1000,l=16$9J4T4rwXwrhXyhkjhJCScg$abh3kgioP58i0VT96NTbyspd3.Bq0R3vXfw4hvOnEt8",
        "$pbkdf2-sha256$1000$9J4T4rwXwrhXyhkjhJCScg$abh3",
        "$pbkdf2-sha256$1000$9J4T4rwXwrhXyhkjhJCScg$!!!!",
        "$pbkdf2-md5$1000$9J4T4rwXwrhXyhkjhJCScg$abh3kgioP58i0VT96NTbyspd3.Bq0R3vXfw4hvOnEt8",
        "$scrypt$ln=10,r=8$qHWOMaa09n4vhRBiDOGcMw$zoAa0jshZ2p7uzauR8rPHpm4jHw9jylwpfNrG82IY6s",
        "$scrypt$ln=10,r=0,p=1$qHWOMaa09n4vhRBiDOGcMw$zoAa0jshZ2p7uzauR8rPHpm4jHw9jylwpfNrG82IY6s",
        "scrypt$1000$salt$8$1$zoAa0jshZ2p7uzauR8rPHpm4jHw9jylwpfNrG82IY6s",
        "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
        "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.",
    ] {
        let refused = text.parse::<PasswordHash>().unwrap_err();
        assert_ne!(refused, InvalidPasswordHash::TooCostly, "{text}");
    }
    assert!("x".repeat(100_000).parse::<PasswordHash>().is_err());
}
