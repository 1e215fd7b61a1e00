//! The program itself: how it starts, what it says, how it stops, and that its documentation works.

mod audit_trail;
mod backup;
mod client_changes;
mod client_races;
mod command_line;
mod descriptors;
mod doctor;
mod documents;
mod dumps;
mod https;
mod imports;
mod json_errors;
mod log_reader;
mod logs;
mod mail_worker;
mod make_run;
mod memory;
mod migrate;
mod operators;
mod people;
mod readiness;
mod reference;
mod shutdown;
mod startup;
mod terminals;
mod wrong_usage;
