//! Recorded histories: the rule decides every step as the model in Python did.

use std::time::Duration;

use crate::world::{World, endless_policy};

#[test]
fn every_recorded_history_is_decided_the_same() {
    let mut steps = 0;
    for line in HISTORIES.lines().filter(|line| !line.starts_with('#')) {
        let mut world = World::new(endless_policy());
        for step in line.split(' ') {
            let (question, expected) = step.split_once('=').unwrap();
            let (seconds, generation) = question.split_once(':').unwrap();
            let at = Duration::from_secs(seconds.parse().unwrap());
            let (name, newest) = world.show(generation.parse().unwrap(), at);
            let answer = newest.map_or(name.to_owned(), |newest| format!("{name}>{newest}"));
            assert_eq!(answer, expected, "at {question} of {line}");
            steps += 1;
        }
    }
    assert_eq!(steps, 1_998, "the table has been cut short");
}

const HISTORIES: &str = include_str!("data/histories.txt");
