//! What programs write below and between what people say.

/// How programs say what they are, in lower case.
const CONFESSIONS: &[&str] = &[
    "i am a bot",
    "i'm a bot",
    "i\u{2019}m a bot",
    "this is a bot",
    "this action was performed automatically",
    "beep boop",
];

/// Whether a post is nothing but what a program wrote of itself: its author is called a bot and
/// the text says so.
pub(super) fn is_boilerplate(author: Option<&str>, text: &str) -> bool {
    author.is_some_and(is_bot) && confesses(text)
}

fn is_bot(author: &str) -> bool {
    let tail = author.len().checked_sub(3).and_then(|at| author.get(at..));
    author.eq_ignore_ascii_case("automoderator")
        || tail.is_some_and(|tail| tail.eq_ignore_ascii_case("bot"))
}

fn confesses(text: &str) -> bool {
    let lower = text.to_lowercase();
    CONFESSIONS.iter().any(|words| lower.contains(words))
}

/// Where a text ends without the lines that are a program's foot: raised (`^(I am a bot …)`),
/// or in which it says what it is. Takes Markdown.
pub(super) fn without_foot(author: Option<&str>, markdown: &str) -> usize {
    let by_bot = author.is_some_and(is_bot);
    let mut end = markdown.trim_end().len();
    while let Some(kept) = markdown.get(..end) {
        let start = kept.rfind('\n').map_or(0, |at| at + 1);
        let line = kept.get(start..).unwrap_or_default().trim();
        let raised = line.trim_start_matches(['*', '_', ' ']).starts_with('^');
        let is_foot = (raised && line.to_lowercase().contains("bot"))
            || (by_bot && confesses(line))
            || (end < markdown.trim_end().len() && matches!(line, "---" | "***" | "___" | ""));
        if !is_foot || start == 0 {
            break;
        }
        end = kept.get(..start).unwrap_or_default().trim_end().len();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(author: &str, markdown: &str, expected: &str) {
        let end = without_foot(Some(author), markdown);
        assert_eq!(markdown.split_at(end).0, expected);
    }

    #[test]
    fn feet_are_left_out() {
        check(
            "RemindMeBot",
            "In two days.\n\n---\n^(I am a bot. Questions?)",
            "In two days.",
        );
        check("ada", "Nine.\n\n^I ^am ^a ^bot", "Nine.");
        check(
            "AutoModerator",
            "Post of the week.\n\n*I am a bot, and this action was performed automatically.*",
            "Post of the week.",
        );
        check(
            "ada",
            "My bot is slow.\n\nI am a bot builder.",
            "My bot is slow.\n\nI am a bot builder.",
        );
        check("ada", "^(I am a bot)", "^(I am a bot)");
    }

    #[test]
    fn programs_that_say_so() {
        assert!(is_boilerplate(
            Some("AutoModerator"),
            "Removed.\n*I am a bot*"
        ));
        assert!(is_boilerplate(
            Some("wiki_link_bot"),
            "Beep boop, I'm a bot"
        ));
        assert!(!is_boilerplate(Some("ada"), "I am a bot"));
        assert!(!is_boilerplate(
            Some("talbot"),
            "The port is nine fathoms deep."
        ));
        assert!(!is_boilerplate(None, "I am a bot"));
    }
}
