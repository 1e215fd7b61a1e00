//! The queue of the pool: a lane for each class of work, and bounds on what one party has in it.

use std::collections::{HashMap, VecDeque};

use super::HashError;

/// What a password is hashed for. Each class has a share of the queue and of the threads, which
/// the others cannot take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HashClass {
    /// A sign-in.
    SignIn,
    /// A registration.
    Registration,
    /// The owner of an account has signed in and changes it.
    SignedIn,
}

impl HashClass {
    /// Every class.
    pub(super) const ALL: [Self; 3] = [Self::SignIn, Self::Registration, Self::SignedIn];

    /// Its name in metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Registration => "registration",
            Self::SignedIn => "signed_in",
        }
    }

    /// Turns of the threads: a class without work passes its turn on.
    const TURNS: [Self; 4] = [
        Self::SignIn,
        Self::SignedIn,
        Self::SignIn,
        Self::Registration,
    ];

    /// The part of a queue of `whole` jobs that this class has.
    fn share(self, whole: usize) -> usize {
        let turns = Self::TURNS.iter().filter(|turn| **turn == self).count();
        (whole.saturating_mul(turns) / Self::TURNS.len()).max(1)
    }
}

/// A party whose jobs are counted, and how many it may have in the pool at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InFlight {
    /// The party.
    pub key: u64,
    /// The number of jobs, waiting and running.
    pub most: u32,
}

/// Who asks for a job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HashRequest {
    /// The class that it belongs to.
    pub class: HashClass,
    /// The parties that it counts for.
    pub parties: Vec<InFlight>,
}

/// The jobs that wait, by class.
pub(super) struct Lanes<J> {
    sign_in: VecDeque<J>,
    registration: VecDeque<J>,
    signed_in: VecDeque<J>,
    turn: usize,
    capacity: usize,
    in_flight: HashMap<u64, u32>,
}

impl<J> Lanes<J> {
    /// Empty lanes with room for `capacity` jobs in all.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            sign_in: VecDeque::new(),
            registration: VecDeque::new(),
            signed_in: VecDeque::new(),
            turn: 0,
            capacity,
            in_flight: HashMap::new(),
        }
    }

    /// Counts a job for its parties, until [`leave`](Self::leave), if there is room for it.
    pub(super) fn admit(&mut self, request: &HashRequest) -> Result<(), HashError> {
        let has_enough = |party: &InFlight| {
            let jobs = self.in_flight.get(&party.key).copied();
            jobs.unwrap_or_default() >= party.most
        };
        if request.parties.iter().any(has_enough) {
            return Err(HashError::Crowded);
        }
        let share = request.class.share(self.capacity);
        if self.lane(request.class).len() >= share {
            return Err(HashError::Full);
        }
        for party in &request.parties {
            let jobs = self.in_flight.entry(party.key).or_insert(0);
            *jobs = jobs.saturating_add(1);
        }
        Ok(())
    }

    /// Lets a job that was admitted wait.
    pub(super) fn push(&mut self, class: HashClass, job: J) {
        self.lane(class).push_back(job);
    }

    /// The next job: of the class whose turn it is, or of the next one that has any.
    pub(super) fn pop(&mut self) -> Option<J> {
        for _ in HashClass::TURNS {
            let class = HashClass::TURNS.get(self.turn).copied();
            self.turn = (self.turn + 1) % HashClass::TURNS.len();
            let job = class.and_then(|class| self.lane(class).pop_front());
            if job.is_some() {
                return job;
            }
        }
        None
    }

    /// Counts a job of these parties no longer.
    pub(super) fn leave(&mut self, parties: &[InFlight]) {
        for party in parties {
            let Some(jobs) = self.in_flight.get_mut(&party.key) else {
                continue;
            };
            *jobs = jobs.saturating_sub(1);
            if *jobs == 0 {
                self.in_flight.remove(&party.key);
            }
        }
    }

    /// How many jobs wait.
    pub(super) fn len(&self) -> usize {
        HashClass::ALL.map(|class| self.len_of(class)).iter().sum()
    }

    /// How many jobs of a class wait.
    pub(super) fn len_of(&self, class: HashClass) -> usize {
        match class {
            HashClass::SignIn => self.sign_in.len(),
            HashClass::Registration => self.registration.len(),
            HashClass::SignedIn => self.signed_in.len(),
        }
    }

    fn lane(&mut self, class: HashClass) -> &mut VecDeque<J> {
        match class {
            HashClass::SignIn => &mut self.sign_in,
            HashClass::Registration => &mut self.registration,
            HashClass::SignedIn => &mut self.signed_in,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(class: HashClass) -> HashRequest {
        HashRequest {
            class,
            parties: Vec::new(),
        }
    }

    fn push<J>(lanes: &mut Lanes<J>, request: &HashRequest, job: J) -> Result<(), HashError> {
        lanes.admit(request)?;
        lanes.push(request.class, job);
        Ok(())
    }

    fn counted(parties: &[InFlight]) -> HashRequest {
        HashRequest {
            class: HashClass::SignedIn,
            parties: parties.to_vec(),
        }
    }

    #[test]
    fn a_class_that_is_full_leaves_the_others_their_share() {
        let mut lanes = Lanes::new(8);
        for (class, share) in [
            (HashClass::SignedIn, 2),
            (HashClass::SignIn, 4),
            (HashClass::Registration, 2),
        ] {
            for job in 0..share {
                assert_eq!(push(&mut lanes, &of(class), job), Ok(()), "{class:?}");
            }
            assert_eq!(
                push(&mut lanes, &of(class), 9),
                Err(HashError::Full),
                "{class:?}"
            );
        }
        assert_eq!(lanes.len(), 8);
    }

    #[test]
    fn classes_take_turns_and_sign_ins_have_half_of_them() {
        let mut lanes = Lanes::new(400);
        for job in 0..4 {
            for class in [
                HashClass::SignedIn,
                HashClass::SignIn,
                HashClass::Registration,
            ] {
                push(&mut lanes, &of(class), (class, job)).unwrap();
            }
        }
        let order: Vec<_> = std::iter::from_fn(|| lanes.pop())
            .map(|(class, _)| class)
            .collect();
        assert_eq!(order[..8], [HashClass::TURNS, HashClass::TURNS].concat());
        assert_eq!(order.len(), 12);
    }

    #[test]
    fn a_party_has_a_number_of_jobs_at_most_until_they_are_done() {
        let mut lanes = Lanes::new(400);
        let (network, account) = (InFlight { key: 1, most: 4 }, InFlight { key: 2, most: 2 });
        let both = counted(&[network, account]);
        assert_eq!(push(&mut lanes, &both, ()), Ok(()));
        assert_eq!(push(&mut lanes, &both, ()), Ok(()));
        assert_eq!(push(&mut lanes, &both, ()), Err(HashError::Crowded));
        let elsewhere = counted(&[network]);
        assert_eq!(push(&mut lanes, &elsewhere, ()), Ok(()));
        assert_eq!(push(&mut lanes, &elsewhere, ()), Ok(()));
        assert_eq!(push(&mut lanes, &elsewhere, ()), Err(HashError::Crowded));
        lanes.leave(&both.parties);
        assert_eq!(push(&mut lanes, &both, ()), Ok(()));
        for _ in 0..4 {
            lanes.leave(&[network, account]);
        }
        assert!(lanes.in_flight.is_empty());
    }
}
