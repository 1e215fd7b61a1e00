//! Random leases, endings, losses and crashes against a model: what was revoked is never valid
//! again, and what was not revoked is never refused.

use std::collections::HashSet;

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::*;
use crate::keys::fixtures::key;

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

#[test]
fn bit_0_is_the_lowest_bit_of_the_first_byte() {
    // The example of the draft, section 4.1: 16 tokens with one bit each.
    let mut bits = Bits::default();
    for index in [0, 3, 4, 5, 7, 8, 9, 13, 15] {
        assert!(bits.set(index, 1));
    }
    assert_eq!(bits.as_bytes()[..2], [0xb9, 0xa3]);
    assert_eq!(bits.count(), 9);
    assert!(!bits.set(0, 1));
}

#[test]
fn bits_beyond_the_end_are_ignored() {
    let mut bits = Bits::default();
    assert!(bits.set(LIST_BITS - 1, u32::MAX));
    assert!(!bits.set(LIST_BITS, 1));
    assert_eq!(bits.count(), 1);
    assert!(!bits.is_set(u32::MAX));
}

#[test]
fn an_id_is_11_characters_and_reads_back() {
    let id = ListId::from_bytes([0xfb; 8]);
    assert_eq!(id.to_string().len(), 11);
    assert_eq!(id.to_string().parse(), Ok(id));
    for text in ["", "AAAA", "AAAAAAAAAAB", "AAAAAAAAAAA="] {
        assert_eq!(text.parse::<ListId>(), Err(InvalidId), "{text}");
    }
}

#[test]
fn a_claim_names_lists_of_its_own_issuer_only() {
    let id = ListId::from_bytes([7; 8]);
    let uri = list_uri("https://auth.example", id);
    let claim = serde_json::to_value(StatusClaim {
        status_list: StatusReference { idx: 9, uri: &uri },
    })
    .unwrap();
    assert_eq!(read_claim(&claim, "https://auth.example"), Some((id, 9)));
    assert_eq!(read_claim(&claim, "https://auth.example.org"), None);
    assert_eq!(
        read_claim(&serde_json::json!({}), "https://auth.example"),
        None
    );
}

#[test]
fn a_block_returns_each_of_its_bits_once() {
    let mut block = Block::new(list(1, 0), 640);
    let mut rng = rng(1);
    let taken: Vec<_> = std::iter::from_fn(|| block.take(&mut rng)).collect();
    let mut indices: Vec<_> = taken.iter().map(|taken| taken.index).collect();
    assert_ne!(indices, (640..704).collect::<Vec<_>>());
    indices.sort_unstable();
    assert_eq!(indices, (640..704).collect::<Vec<_>>());
}

#[test]
fn a_list_is_short_while_few_of_its_bits_are_set() {
    let most = [
        (0, 1_000),
        (1, 1_600),
        (10, 4_500),
        (100, 18_000),
        (500, 31_000),
    ];
    for (per_mille, most_bytes) in most {
        let mut bits = Bits::default();
        let mut random = rng(1);
        let kids = [key(0).kid().clone(), key(1).kid().clone()];
        for index in 0..LIST_BITS {
            if random.random_range(0..1_000) < per_mille {
                bits.set(index, 1);
            }
        }
        let token = StatusListToken {
            issuer: "https://auth.example.com",
            uri: "https://auth.example.com/status/AAAAAAAAAAA",
            bits: &bits,
            kids: &kids,
        };
        let now = Timestamp::from_seconds(1_800_000_000);
        let bytes = token.sign(now, key(0)).unwrap().text.len();
        assert!(bytes <= most_bytes, "{per_mille} of 1,000: {bytes} bytes");
    }
}

#[test]
fn a_list_outlives_the_last_verifier_of_its_last_token() {
    let list = list(1, 100);
    assert!(list.takes_tokens(Timestamp::from_seconds(999)));
    assert!(!list.takes_tokens(Timestamp::from_seconds(1_000)));
    assert_eq!(list.tokens_until(), Timestamp::from_seconds(1_900));
    assert!(!list.has_expired(Timestamp::from_seconds(2_019)));
    assert!(list.has_expired(Timestamp::from_seconds(2_020)));
}

fn list(id: u8, opened_at: u64) -> StatusList {
    let opened_at = Timestamp::from_seconds(opened_at);
    StatusList::opening(ListId::from_bytes([id; 8]), opened_at, TTL)
}

const TTL: Duration = Duration::from_mins(15);

#[derive(Clone, Debug)]
enum Step {
    /// A replica issues a token.
    Issue { replica: usize },
    /// A token ends.
    End { which: prop::sample::Index },
    /// A replica asks the store.
    Look { replica: usize },
    /// A replica dies with its leased blocks, and starts again.
    Crash { replica: usize },
    /// Time passes.
    Wait { seconds: u64 },
    /// The store loses its last changes.
    Lose,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..REPLICAS).prop_map(|replica| Step::Issue { replica }),
        4 => any::<prop::sample::Index>().prop_map(|which| Step::End { which }),
        4 => (0..REPLICAS).prop_map(|replica| Step::Look { replica }),
        1 => (0..REPLICAS).prop_map(|replica| Step::Crash { replica }),
        2 => (0..1_200_u64).prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Lose),
    ]
}

const REPLICAS: usize = 3;

/// The store, three replicas, and every token with its verdict.
#[derive(Default)]
struct World {
    now: u64,
    lists: Vec<(StatusList, u32)>,
    log: Vec<BitRange>,
    refused_until: Timestamp,
    replicas: [Replica; REPLICAS],
    tokens: Vec<Token>,
    next_id: u8,
}

#[derive(Default)]
struct Replica {
    known: KnownLists,
    read: usize,
    block: Option<Block>,
}

struct Token {
    index: StatusIndex,
    expires_at: Timestamp,
    /// How many changes the store had when the token ended.
    ended_at: Option<usize>,
    lost: bool,
}

impl Token {
    fn check(&self, replica: &Replica) {
        let Some(state) = replica.known.find(self.index.list) else {
            return;
        };
        let is_set = state.bits.is_set(self.index.index);
        let seen = self.ended_at.is_some_and(|change| change <= replica.read);
        assert!(is_set || !seen, "an ended token is valid");
        let ended = self.ended_at.is_some() || self.lost;
        assert!(ended || !is_set, "a valid token is refused");
    }
}

impl World {
    fn at(&self) -> Timestamp {
        Timestamp::from_seconds(1_000 + self.now)
    }

    fn lease(&mut self) -> Block {
        let (now, refused_until) = (self.at(), self.refused_until);
        let open = self.lists.iter_mut().find(|(list, next)| {
            list.takes_tokens(now) && list.opened_at > refused_until && next + BLOCK_BITS <= 256
        });
        if let Some((list, next)) = open {
            *next += BLOCK_BITS;
            return Block::new(*list, *next - BLOCK_BITS);
        }
        self.next_id += 1;
        let opened_at = now.max(Timestamp::from_millis(refused_until.as_millis() + 1));
        let id = ListId::from_bytes([self.next_id; 8]);
        let list = StatusList::opening(id, opened_at, TTL);
        self.lists.push((list, BLOCK_BITS));
        Block::new(list, 0)
    }

    fn issue(&mut self, replica: usize) {
        let now = self.at();
        let mut block = self.replicas[replica].block.take();
        let taken = loop {
            let mut current = block.take().unwrap_or_else(|| self.lease());
            self.replicas[replica].known.add(current.list());
            let seed = u64::try_from(self.tokens.len()).unwrap();
            let index = current.take(&mut rng(seed));
            let known = &self.replicas[replica].known;
            if let Some(index) = index.filter(|index| known.takes_tokens(*index, now)) {
                block = Some(current);
                break index;
            }
        };
        self.replicas[replica].block = block;
        let list = self.replicas[replica].known.find(taken.list).unwrap().list;
        let expires_at = now.saturating_add(TTL);
        assert!(expires_at <= list.tokens_until());
        self.tokens.push(Token {
            index: taken,
            expires_at,
            ended_at: None,
            lost: list.opened_at <= self.refused_until,
        });
    }

    fn look(&mut self, replica: usize) {
        let now = self.at();
        let changes = StatusChanges {
            lists: self.lists.iter().map(|(list, _)| *list).collect(),
            revoked: self.log[self.replicas[replica].read..].to_vec(),
            refused_until: self.refused_until,
        };
        self.replicas[replica].read = self.log.len();
        self.replicas[replica].known.apply(&changes, now);
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Issue { replica } => self.issue(*replica),
            Step::End { which } if !self.tokens.is_empty() => {
                let which = which.index(self.tokens.len());
                self.log.push(self.tokens[which].index.range());
                let changes = self.log.len();
                self.tokens[which].ended_at.get_or_insert(changes);
            }
            Step::End { .. } => {}
            Step::Look { replica } => self.look(*replica),
            Step::Crash { replica } => self.replicas[*replica] = Replica::default(),
            Step::Wait { seconds } => {
                self.now += seconds;
                let now = self.at();
                self.lists.retain(|(list, _)| !list.has_expired(now));
            }
            Step::Lose => {
                // As the epoch of the deny list: later than every earlier one.
                let later = Timestamp::from_millis(self.refused_until.as_millis() + 1);
                self.refused_until = self.at().max(later);
                self.lists.clear();
                for token in &mut self.tokens {
                    token.lost = true;
                }
            }
        }
    }

    /// Compares every token that can still be valid with what each replica publishes.
    fn check(&self) {
        let now = self.at();
        for token in self.tokens.iter().filter(|token| token.expires_at > now) {
            for replica in &self.replicas {
                token.check(replica);
            }
        }
        let mut named = HashSet::new();
        assert!(
            self.tokens
                .iter()
                .all(|token| named.insert((token.index.list, token.index.index)))
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn lists_agree_with_a_model(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::default();
        for step in &steps {
            world.take(step);
            world.check();
        }
        for replica in 0..REPLICAS {
            world.look(replica);
        }
        world.check();
        let now = world.at();
        for token in world.tokens.iter().filter(|token| token.expires_at > now) {
            if token.ended_at.is_some() && !token.lost {
                let state = world.replicas[0].known.find(token.index.list).unwrap();
                prop_assert!(state.bits.is_set(token.index.index));
            }
        }
    }
}
