//! The metric of sign-ins.

/// What a person signs in with.
#[derive(Clone, Copy, Debug)]
pub(super) enum SignInMethod {
    Password,
    /// After a password.
    SecondFactor,
    Passkey,
}

impl SignInMethod {
    /// Counts a person who has proved who they are.
    pub(super) fn succeeded(self) {
        self.count("succeeded");
    }

    /// Counts a proof that was wrong.
    pub(super) fn failed(self) {
        self.count("failed");
    }

    /// Counts a password that was right, where a second factor must follow.
    pub(super) fn continued(self) {
        self.count("continued");
    }

    /// Counts an attempt that a limit or a full queue has refused. Nothing was checked.
    pub(super) fn refused(self) {
        self.count("refused");
    }

    fn count(self, outcome: &'static str) {
        let method = match self {
            Self::Password => "password",
            Self::SecondFactor => "second_factor",
            Self::Passkey => "passkey",
        };
        metrics::counter!("signet_sign_ins_total", "method" => method, "outcome" => outcome)
            .increment(1);
    }
}
