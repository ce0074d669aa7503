//! Titles that are none: what programs put there, names of files, numbers.

use std::sync::LazyLock;

use regex::Regex;

use crate::pdf::metadata::Stated;
use crate::text::{fold, squash};

/// A stated title without the wrapping of the program that wrote it, or `None` for junk.
/// `stem` is the name of the file without its extension.
pub(super) fn cleaned(title: &str, stated: &Stated, stem: Option<&str>) -> Option<String> {
    static WRAPPED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:microsoft\s+(?:office\s+)?(?:word|powerpoint|excel|publisher|visio)|powerpoint presentation|print(?:ing)?|view)\s+-\s+")
            .expect("a constant pattern")
    });
    static EXTENSION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)\.(?:docx?|docm|dotx?|odt|odp|rtf|wpd|wps|lwp|txt|indd|indb|inx|qxd|qxp|pmd|pm[56]|p65|fm|mif|book|bk
              |pdf|dvi|tex|ltx|e?ps|ai|cdr|pub|pptx?|pps|xlsx?|xls|html?|php|aspx?|md|pages|key|numbers|vsdx?|xps|svg|wmf|emf|fig|plt|pgf|cls|sty|log|aux|exe|tiff?|jpe?g|png)$",
        )
        .expect("a constant pattern")
    });
    let title = fold(title);
    let plain = WRAPPED.replace(&title, "");
    let plain = EXTENSION.replace(plain.trim(), "");
    let plain = plain.trim();
    let unwrapped = plain.len() < title.len();
    let plain = without_quotes(plain);
    if unwrapped && words(plain) < 3 {
        return None;
    }
    // `TikZ-Feynman` was typed by somebody, `tikz-feynman` in `tikz-feynman.pdf` by a program.
    let named_after_file = stem == Some(plain) && !plain.contains(' ') && plain.is_ascii();
    let names = stated.author.iter().chain(&stated.tools);
    let is_name = names
        .map(|name| squash(name, 300))
        .any(|name| !name.is_empty() && name == squash(plain, 300));
    (has_letters(plain)
        && !is_garbled(plain)
        && !is_program_made(plain)
        && !is_file_name(plain)
        && !is_number(plain)
        && !named_after_file
        && !is_name)
        .then(|| plain.to_owned())
}

fn without_quotes(text: &str) -> &str {
    let pairs = [('"', '"'), ('\u{201c}', '\u{201d}'), ('<', '>'), ('[', ']')];
    for (open, close) in pairs {
        let inside = text
            .strip_prefix(open)
            .and_then(|text| text.strip_suffix(close));
        if let Some(inside) = inside
            && !inside.contains([open, close])
        {
            return inside.trim();
        }
    }
    text
}

fn words(text: &str) -> usize {
    text.split_whitespace()
        .filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 2)
        .count()
}

/// Whether there are letters enough for a word.
fn has_letters(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 3 || (letters >= 2 && text.chars().any(is_ideograph))
}

/// Whether a character is a word or a syllable.
pub(super) fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether the text was read in the wrong encoding: marks of that, or letters with accents in a
/// row (`Äîêóìåíò`).
fn is_garbled(text: &str) -> bool {
    let marks = text.contains(['\u{fffd}', '\u{ffff}'])
        || text.chars().any(|c| matches!(c, '\u{e000}'..='\u{f8ff}'))
        || ["Ã©", "Ã¨", "Ã¼", "Ã¶", "Ã¤", "â€", "Ð°", "Ð¾"]
            .iter()
            .any(|pair| text.contains(pair));
    let mut row = 0;
    let mut longest = 0;
    for c in text.chars() {
        row = if matches!(c, '\u{c0}'..='\u{ff}') {
            row + 1
        } else {
            0
        };
        longest = longest.max(row);
    }
    let odd = text
        .chars()
        .filter(|c| !c.is_alphanumeric() && !c.is_whitespace() && !c.is_ascii_punctuation())
        .filter(|c| ('\u{80}'..'\u{2000}').contains(c) && !is_mark(*c))
        .count();
    marks || longest >= 5 || 4 * odd > text.chars().count()
}

/// Vowel signs and accents of scripts that write them apart.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{6ed}' | '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{17d3}')
}

/// Whether a program or nobody wrote it.
fn is_program_made(text: &str) -> bool {
    static NAMES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^(?:
            (?:untitled|unnamed|no\ title|title|titel|titre|titolo|unbenannt|ohne\ titel|sans\ titre|sin\ t\u{ed}tulo|senza\ titolo
              |sem\ t\u{ed}tulo|naamloos|\u{431}\u{435}\u{437}\ \u{438}\u{43c}\u{435}\u{43d}\u{438}|\u{7121}\u{984c}|\u{65e0}\u{6807}\u{9898}
              |none|null|nil|n/?a|tbd|unknown|default|empty|blank|new|test|temp|tmp|todo|foo|bar)
              (?:[\ _-]*(?:document|page|presentation|file|dokument))?
            |(?:new\ |blank\ |microsoft\ |word\ |adobe\ |pdf\ )?
              (?:layout|slide|folie|diapositive|diapositiva|page|seite|pagina|document|dokument|documento|doc|presentation|pr\u{e9}sentation
              |pr\u{e4}sentation|presentaci\u{f3}n|chapter|kapitel|cover|front\ cover|draft|template|book|buch|sheet|worksheet|spreadsheet|scan
              |scanned\ (?:document|image|page)|image|img|bild|photo|print|printout|figure|fig|report|main|paper|article|manuscript|final|master
              |body|text|proof|output|file|form|letter|memo|text\ document|brochure|flyer|poster|newsletter|mappe|tabelle|tabela|classeur|libro
              |job|untitled\ document|titre\ du\ document|document\ title|report\ title|type\ the\ document\ title|insert\ title\ here
              |your\ title(?:\ here)?|powerpoint[\ -](?:presentation|pr\u{e4}sentation)|pr\u{e9}sentation\ powerpoint|presentaci\u{f3}n\ de\ powerpoint
              |microsoft\ (?:word|powerpoint|excel)|memorandum|minutes|agenda|inside\ cover|back\ cover|text\ file)
            )[\ ._\#()-]*(?:\d+|v\d+|copy|final|draft)?[\ ._()-]*\d*$",
        )
        .expect("a constant pattern")
    });
    static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)<\w|\{\{|\$\{|^%|\\[a-z]{3,}\b|^(?:doi|pii|isbn|issn)\b")
            .expect("a constant pattern")
    });
    NAMES.is_match(text) || MARKUP.is_match(text)
}

/// Whether it is the name or place of a file, or an address.
pub(super) fn is_file_name(text: &str) -> bool {
    let one_word = !text.contains(' ');
    let address = text.contains("://")
        || text.starts_with("www.")
        || text.starts_with("file:")
        || text.starts_with("about:");
    let path = (text.contains('\\') && text.contains(':'))
        || (one_word && text.contains('/') && text.is_ascii());
    // `annual_report`, `rep0612a`.
    let joined = one_word && text.is_ascii() && text.contains('_');
    address || path || joined
}

/// Whether it is the number of a report or a job: `GAO-19-123`, `E/CN.4/2005/1`, `10.1.1.23`.
fn is_number(text: &str) -> bool {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:[A-Z]{1,8}[./:-]*){1,3} ?(?:\d+[./:()-]*)+ ?[A-Za-z]?$")
            .expect("a constant pattern")
    });
    let shown = text.chars().filter(|c| !c.is_whitespace()).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    // `S0140673619301234`, `wp1234b`: one word in which figures are a third.
    let figures = text.chars().filter(char::is_ascii_digit).count();
    let coded = !text.contains(' ') && 3 * figures >= shown;
    5 * letters < 2 * shown || coded || NUMBER.is_match(text)
}

/// Whether it names a part that most documents have.
pub(super) fn is_part(text: &str) -> bool {
    static PART: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^(?:[\d.IVX]+\s+)?(?:(?:table\ of\ )?contents|abstract|introduction|summary|executive\ summary|preface|foreword|index
            |references|bibliography|acknowledge?ments?|bookmarks?|inhalt(?:sverzeichnis)?|zusammenfassung|einleitung|vorwort|sommaire
            |table\ des\ mati\u{e8}res|r\u{e9}sum\u{e9}|\u{ed}ndice|contenido|resumen|sommario|indice|notes?|overview|background|appendix|annex
            |name|synopsis|description|options|features|installation|usage|examples?|see\ also|getting\ started|title\ page|license|licence|copyright|disclaimer|keywords?|list\ of\ (?:figures|tables))\s*:?$",
        )
        .expect("a constant pattern")
    });
    PART.is_match(text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn junk_and_titles() {
        let stated = Stated {
            author: Some("Ada Low".into()),
            tools: vec!["PScript5.dll Version 5.2".into()],
            ..Stated::default()
        };
        for (title, expected) in [
            ("Port dues", Some("Port dues")),
            ("\"Port dues\"", Some("Port dues")),
            ("PORT DUES 2019", Some("PORT DUES 2019")),
            (
                "Microsoft Word - Port dues of Istmere.docx",
                Some("Port dues of Istmere"),
            ),
            (
                "The port dues of Istmere.pdf",
                Some("The port dues of Istmere"),
            ),
            ("Présentation générale", Some("Présentation générale")),
            ("港湾料金", Some("港湾料金")),
            ("Портовые сборы", Some("Портовые сборы")),
            ("Report on the port", Some("Report on the port")),
            ("Microsoft Word - draft3.docx", None),
            ("untitled", None),
            ("Untitled Document", None),
            ("Untitled-2", None),
            ("ports_final.indd", None),
            ("1234.dvi", None),
            ("C:\\files\\port dues.wpd", None),
            ("GAO-19-123", None),
            ("WP 12/3", None),
            ("E/CN.4/2005/1", None),
            ("S0140-6736(19)30012-3 1..12", None),
            ("PowerPoint Presentation", None),
            ("Layout 1", None),
            ("Slide 1", None),
            ("Folie 12", None),
            ("Report", None),
            ("Print", None),
            ("Document1", None),
            ("Ada Low", None),
            ("PScript5.dll Version 5.2", None),
            ("harbour", None),
            ("https://a.example/x", None),
            ("- 12 -", None),
            ("Äîêóìåíò", None),
            ("Hafengeb\u{fffd}hren", None),
            ("", None),
        ] {
            let found = cleaned(title, &stated, Some("harbour"));
            assert_eq!(found.as_deref(), expected, "{title}");
        }
    }
}
