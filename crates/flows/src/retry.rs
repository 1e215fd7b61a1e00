//! Deciding again after a lost race: read, decide and swap, until no other request was faster.

/// The result of one round of reading, deciding and swapping.
pub(crate) enum Round<T, S = ()> {
    /// The swap was made, or none was needed.
    Done(T),
    /// Another request changed the record first. The next round begins with this.
    Overtaken(S),
}

/// Runs rounds until one is done. The first round begins with `start`.
///
/// # Errors
///
/// The error of a round, or `contended` after [`MAX_ROUNDS`].
pub(crate) async fn until_done<T, S, E, F>(
    contended: E,
    start: S,
    mut round: impl FnMut(S) -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<Round<T, S>, E>>,
{
    let mut state = start;
    for _ in 0..MAX_ROUNDS {
        match round(state).await? {
            Round::Done(result) => return Ok(result),
            Round::Overtaken(next) => state = next,
        }
    }
    Err(contended)
}

/// The maximum number of rounds. Of requests that compete for one record, one succeeds in each
/// round, so this many may compete. More have another cause than chance.
const MAX_ROUNDS: usize = 25;
