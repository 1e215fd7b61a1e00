//! The servers that tests need, each on its own and in a folder that goes with it.
//!
//! They are the real programs. A test that cannot have one fails with a sentence that says how to
//! install it. This crate must not know Signet.

mod envoy;
mod mail;
mod network;
mod ports;
mod postgres;
mod programs;
mod prometheus;
mod redis;
mod redis_group;
mod redis_plan;

pub use envoy::Envoy;
pub use mail::{MailSink, MailTls};
pub use ports::free_port;
pub use postgres::Postgres;
pub use prometheus::Prometheus;
pub use redis::{Redis, RedisImage};
pub use redis_group::{RedisCluster, RedisSentinels};
pub use redis_plan::{RedisPlan, RedisSecurity, acl_user};
