//! The Lua scripts, one file each. Every key that a script touches is in one hash slot. Which
//! sessions `create.lua` and `end_before.lua` end follows rules of the core crate, and the
//! conformance cases `agreement` compare them.

use redis::{Cmd, ToRedisArgs};

/// Every script, hashed once.
pub(super) struct Scripts {
    pub(super) create: Script,
    pub(super) swap: Script,
    pub(super) list: Script,
    pub(super) end: Script,
    pub(super) end_before: Script,
    pub(super) deny: Script,
    pub(super) deny_account: Script,
    pub(super) lease_status: Script,
    pub(super) attach_status: Script,
    pub(super) note_ring: Script,
    pub(super) count_denial: Script,
    pub(super) renew_epoch: Script,
    pub(super) put_challenge: Script,
    pub(super) replace_challenge: Script,
    pub(super) take_challenge: Script,
    pub(super) attempt_challenge: Script,
    pub(super) count_requests: Script,
    pub(super) take_back_requests: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            create: Script::new(denying!("create.lua")),
            swap: Script::new(include_str!("scripts/swap.lua")),
            list: Script::new(include_str!("scripts/list.lua")),
            end: Script::new(denying!("end.lua")),
            end_before: Script::new(denying!("end_before.lua")),
            deny: Script::new(denying!("deny.lua")),
            deny_account: Script::new(denying!("deny_account.lua")),
            lease_status: Script::new(include_str!("scripts/lease_status.lua")),
            attach_status: Script::new(concat!(
                include_str!("scripts/status.lua"),
                "\n",
                include_str!("scripts/attach_status.lua")
            )),
            note_ring: Script::new(include_str!("scripts/note_ring.lua")),
            count_denial: Script::new(include_str!("scripts/count_denial.lua")),
            renew_epoch: Script::new(include_str!("scripts/renew_epoch.lua")),
            put_challenge: Script::new(include_str!("scripts/put_challenge.lua")),
            replace_challenge: Script::new(include_str!("scripts/replace_challenge.lua")),
            take_challenge: Script::new(include_str!("scripts/take_challenge.lua")),
            attempt_challenge: Script::new(include_str!("scripts/attempt_challenge.lua")),
            count_requests: Script::new(include_str!("scripts/count_requests.lua")),
            take_back_requests: Script::new(include_str!("scripts/take_back_requests.lua")),
        }
    }
}

/// A script and its hash.
pub(super) struct Script {
    code: &'static str,
    hash: String,
}

impl Script {
    fn new(code: &'static str) -> Self {
        let hash = redis::Script::new(code).get_hash().to_owned();
        Self { code, hash }
    }

    /// A call without keys and arguments yet.
    pub(super) fn prepare_invoke(&self) -> Invocation<'_> {
        Invocation {
            script: self,
            keys: Vec::new(),
            arguments: Vec::new(),
        }
    }
}

/// A call of a script.
pub(super) struct Invocation<'a> {
    script: &'a Script,
    keys: Vec<Vec<u8>>,
    arguments: Vec<Vec<u8>>,
}

impl Invocation<'_> {
    pub(super) fn key(&mut self, key: impl ToRedisArgs) -> &mut Self {
        key.write_redis_args(&mut self.keys);
        self
    }

    pub(super) fn arg(&mut self, argument: impl ToRedisArgs) -> &mut Self {
        argument.write_redis_args(&mut self.arguments);
        self
    }

    /// The call of a script that the server knows.
    pub(super) fn by_hash(&self) -> Cmd {
        self.command("EVALSHA", &self.script.hash)
    }

    /// The call with the text of the script, which the server learns by it.
    pub(super) fn in_full(&self) -> Cmd {
        self.command("EVAL", self.script.code)
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.keys.len());
        command.arg(&self.keys).arg(&self.arguments);
        command
    }
}

/// A script that denies: `denial.lua` and `status.lua` stand before it.
macro_rules! denying {
    ($file:literal) => {
        concat!(
            include_str!("scripts/denial.lua"),
            "\n",
            include_str!("scripts/status.lua"),
            "\n",
            include_str!(concat!("scripts/", $file))
        )
    };
}
use denying;
