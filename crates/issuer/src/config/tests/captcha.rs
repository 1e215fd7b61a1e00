//! Settings of the service that judges captchas.

use super::{refused, with};

#[test]
fn a_captcha_needs_its_url_its_secret_and_a_proof_of_work_that_it_stands_in_for() {
    let folder = tempfile::tempdir().unwrap();
    let (full, empty) = (folder.path().join("full"), folder.path().join("empty"));
    std::fs::write(&full, "hush\n").unwrap();
    std::fs::write(&empty, "\nhush\n").unwrap();
    let url = (
        "SIGNET_CAPTCHA_VERIFY_URL",
        "https://captcha.example/verify",
    );
    let [full, empty] = [&full, &empty].map(|path| {
        let path = path.to_str().unwrap();
        ("SIGNET_CAPTCHA_SECRET_FILE", path)
    });
    let work = ("SIGNET_PROOF_OF_WORK_SIGN_IN", "true");
    assert!(with(&[url, full, work]).is_ok());
    let other = ("SIGNET_CAPTCHA_VERIFY_URL", "https://captcha.example/?a=b");
    for (settings, reason) in [
        (
            vec![url, work],
            "captcha.secret_file is required with captcha.verify_url",
        ),
        (
            vec![full, work],
            "captcha.verify_url is required with captcha.secret_file",
        ),
        (
            vec![url, full],
            "captcha.verify_url needs proof_of_work.registration",
        ),
        (vec![url, empty, work], "captcha.secret_file is empty"),
        (
            vec![other, full, work],
            "captcha.verify_url must be an http or https URL",
        ),
    ] {
        let problems = refused(with(&settings));
        assert!(problems[0].starts_with(reason), "{problems:?}");
    }
}
