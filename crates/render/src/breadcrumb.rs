//! Breadcrumbs as they are shown, cut in the middle where they are long.

use crate::sentences::width;

/// What stands between two steps.
const BETWEEN: &str = " › ";

/// Columns that are left of a last step, however narrow the place: less says nothing.
const LEAST: usize = 12;

/// Host and steps that together take at most `limit` columns: steps give way from the middle, the
/// host and the last step stay, and only then is the last step cut in its middle.
pub(crate) fn fitted(host: &str, steps: &[String], limit: Option<usize>) -> Vec<String> {
    let all: Vec<&str> = std::iter::once(host)
        .chain(steps.iter().map(String::as_str))
        .collect();
    let whole = |steps: &[&str]| steps.iter().map(|&step| step.to_owned()).collect();
    let Some(limit) = limit.filter(|&limit| columns(&all) > limit) else {
        return whole(&all);
    };
    let (Some((&last, front)), true) = (all.split_last(), all.len() > 1) else {
        return vec![middle_cut(host, limit)];
    };
    for kept in (1..front.len()).rev() {
        let mut shorter: Vec<&str> = front.iter().take(kept).copied().collect();
        shorter.extend(["…", last]);
        if columns(&shorter) <= limit {
            return whole(&shorter);
        }
    }
    let head: Vec<&str> = if front.len() > 1 {
        vec![host, "…"]
    } else {
        vec![host]
    };
    let left = limit.saturating_sub(columns(&head) + width(BETWEEN));
    let mut cut: Vec<String> = whole(&head);
    cut.push(middle_cut(last, left.max(LEAST)));
    cut
}

/// The steps as one line.
pub(crate) fn line(host: &str, steps: &[String], limit: Option<usize>) -> String {
    fitted(host, steps, limit).join(BETWEEN)
}

fn columns(steps: &[&str]) -> usize {
    steps.iter().map(|step| width(step)).sum::<usize>()
        + steps.len().saturating_sub(1) * width(BETWEEN)
}

/// The text with `…` for its middle, if it takes more than `limit` columns.
fn middle_cut(text: &str, limit: usize) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    let half = limit.saturating_sub(1) / 2;
    let take = |characters: &mut dyn Iterator<Item = char>, columns: usize| -> Vec<char> {
        let mut used = 0;
        characters
            .take_while(|c| {
                used += width(c.encode_utf8(&mut [0; 4]));
                used <= columns
            })
            .collect()
    };
    let head: String = take(&mut text.chars(), limit.saturating_sub(1 + half))
        .into_iter()
        .collect();
    let tail: String = take(&mut text.chars().rev(), half)
        .into_iter()
        .rev()
        .collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(steps: &[&str], limit: Option<usize>, expected: &str) {
        let steps: Vec<String> = steps.iter().map(|&step| step.to_owned()).collect();
        let found = line("news.example", &steps, limit);
        assert_eq!(found, expected);
    }

    #[test]
    fn the_middle_gives_way() {
        check(&[], None, "news.example");
        let steps = ["international", "2025", "12", "frozen-postwar"];
        check(
            &steps,
            None,
            "news.example › international › 2025 › 12 › frozen-postwar",
        );
        check(
            &steps,
            Some(80),
            "news.example › international › 2025 › 12 › frozen-postwar",
        );
        check(
            &steps,
            Some(56),
            "news.example › international › 2025 › … › frozen-postwar",
        );
        check(
            &steps,
            Some(50),
            "news.example › international › … › frozen-postwar",
        );
        check(&steps, Some(40), "news.example › … › frozen-postwar");
        check(&steps, Some(28), "news.example › … › frozen…stwar");
        check(
            &["a-single-very-long-step"],
            Some(30),
            "news.example › a-singl…ng-step",
        );
        check(&[], Some(8), "news…ple");
        check(
            &["wiki", "関係の歴史について"],
            Some(30),
            "news.example › … › 関係の…いて",
        );
    }
}
