//! The budget of a prompt in tokens, and what is left out when it does not fit.

use super::Message;

/// A text's tokens, estimated at three and a half bytes each, rounded up: the measured mean for code of common models, a
/// little on the safe side. The server's own count is what is billed and reported.
pub fn estimate_tokens(text: &str) -> u64 {
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    bytes.saturating_mul(2).div_ceil(7)
}

/// The tokens of a conversation, estimated like those of a text.
pub fn conversation_tokens(messages: &[Message]) -> u64 {
    messages.iter().map(|message| estimate_tokens(&message.text)).sum()
}

/// Why a prompt cannot be made small enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow {
    /// Tokens that cannot be left out.
    pub needed: u64,
    /// Tokens there are.
    pub available: u64,
}

/// Keeps whole lines from the start of a text and says how many lines are left out.
pub(super) fn shorten(text: &str, tokens: u64) -> (String, usize) {
    let mut kept = String::new();
    let mut lines = text.split_inclusive('\n');
    for line in lines.by_ref() {
        if estimate_tokens(&kept) + estimate_tokens(line) > tokens {
            return (kept, 1 + lines.count());
        }
        kept.push_str(line);
    }
    (kept, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortening_keeps_whole_lines_and_counts_the_rest() {
        let (kept, left_out) = shorten("aaaa\nbbbb\ncccc\n", 4);
        assert_eq!((kept.as_str(), left_out), ("aaaa\nbbbb\n", 1));
        assert_eq!(shorten("aaaa\n", 100), ("aaaa\n".to_owned(), 0));
    }
}
