//! What a PDF says of itself: author, dates, language, from XMP and the Info dictionary.

mod dates;
mod text;
mod xmp;

use hayro_syntax::Pdf;
use hayro_syntax::object::{DateTime, Dict, ObjectIdentifier, Stream, String as PdfString};
use model::time::PartialDate;

pub(super) use self::dates::{is_date, modified, published};
pub(super) use self::text::decode;
use self::xmp::Xmp;
use crate::language;
use crate::text::{folded, head, nfc};

/// Compressed packets larger than this are not inflated (bytes): deflate makes at most a thousand
/// bytes of one.
const PACKED_BYTES: usize = 64 << 10;
/// Characters that are kept of a description.
const DESCRIPTION_CHARS: usize = 2_000;
/// Characters of a byline; a longer one is a text in the wrong place.
const AUTHOR_CHARS: usize = 300;
/// How much of each end of the file is searched for the reference to the Info dictionary (bytes).
const TRAILER_BYTES: usize = 64 << 10;

/// What a PDF says of itself, white space folded; XMP goes before Info.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stated {
    /// Titles as they stand, most trusted first; junk is not yet sorted out.
    pub(super) titles: Vec<String>,
    /// Names joined by `, `.
    pub(super) author: Option<String>,
    /// The subject.
    pub(super) description: Option<String>,
    /// BCP 47.
    pub(super) language: Option<String>,
    /// When it was published, where a publisher says so (PRISM).
    pub(super) published: Option<PartialDate>,
    /// When the file was made.
    pub(super) created: Option<PartialDate>,
    /// When it was last changed.
    pub(super) modified: Option<PartialDate>,
    /// Programs that made it.
    pub(super) tools: Vec<String>,
}

/// Reads all of it.
pub(super) fn of(pdf: &Pdf) -> Stated {
    let catalog: Option<Dict<'_>> = pdf.xref().get(pdf.xref().root_id());
    let xmp = catalog
        .as_ref()
        .and_then(|catalog| catalog.get::<Stream<'_>>("Metadata"))
        .and_then(|stream| packet(&stream))
        .map(|packet| xmp::read(&packet))
        .unwrap_or_default();
    let info = pdf.metadata();
    let dictionary = info_dictionary(pdf);
    let in_dictionary = |key: &str| {
        let text = dictionary.as_ref()?.get::<PdfString<'_>>(key)?;
        folded(&decode(text.as_bytes()))
    };
    let own = |key: &str, read: &Option<Box<[u8]>>| {
        let read = read.as_deref().and_then(|bytes| folded(&decode(bytes)));
        read.or_else(|| in_dictionary(key))
    };
    let declared = catalog
        .as_ref()
        .and_then(|catalog| catalog.get::<PdfString<'_>>("Lang"))
        .map(|tag| decode(tag.as_bytes()));
    let date = |key: &str, read: Option<DateTime>| {
        let read = read.and_then(dates::of_reader);
        let written = in_dictionary(key).and_then(|text| dates::stamp(&text));
        // The dictionary may be that of an older state of the file.
        let same = |written: &PartialDate| read.is_none_or(|read| read.year() == written.year());
        written.filter(same).or(read)
    };
    combine(
        xmp,
        Info {
            title: own("Title", &info.title),
            author: own("Author", &info.author),
            subject: own("Subject", &info.subject),
            tools: [
                own("Producer", &info.producer),
                own("Creator", &info.creator),
            ]
            .into_iter()
            .flatten()
            .collect(),
            created: date("CreationDate", info.creation_date),
            modified: date("ModDate", info.modification_date),
            language: declared,
        },
    )
}

/// The values of the Info dictionary, folded, and the language of the catalog.
#[derive(Debug, Default)]
struct Info {
    title: Option<String>,
    author: Option<String>,
    subject: Option<String>,
    tools: Vec<String>,
    created: Option<PartialDate>,
    modified: Option<PartialDate>,
    language: Option<String>,
}

fn combine(xmp: Xmp, info: Info) -> Stated {
    let mut tools = xmp.tools;
    tools.extend(info.tools);
    tools.dedup();
    let mut titles: Vec<String> = xmp.titles.into_iter().map(unescaped).collect();
    titles.extend(info.title.map(unescaped));
    let mut seen = Vec::new();
    titles.retain(|title| {
        let new = !seen.contains(title);
        seen.push(title.clone());
        new
    });
    let author = author(&xmp.authors, &tools).or_else(|| {
        let names = info.author.into_iter().collect::<Vec<_>>();
        author(&names, &tools)
    });
    let description = xmp
        .descriptions
        .into_iter()
        .chain(info.subject)
        .map(unescaped)
        .find(|text| is_description(text, &titles))
        .map(|text| nfc(head(&text, DESCRIPTION_CHARS).to_owned()));
    let first_date = |values: &[String]| values.iter().find_map(|text| dates::stamp(text));
    Stated {
        author,
        description,
        language: info
            .language
            .iter()
            .chain(&xmp.languages)
            .find_map(|text| language::tag(text)),
        published: first_date(&xmp.published),
        created: first_date(&xmp.created).or(info.created),
        modified: first_date(&xmp.modified).or(info.modified),
        titles,
        tools,
    }
}

/// The bytes of the XMP packet, where that is of a reasonable size.
fn packet(stream: &Stream<'_>) -> Option<Vec<u8>> {
    let packed = !stream.filters().is_empty();
    // One filter makes at most a thousand bytes of one, two of them a million.
    if stream.filters().len() > 1 {
        return None;
    }
    if packed && stream.raw_data().len() > PACKED_BYTES {
        return None;
    }
    Some(stream.decoded_data().ok()?.into_owned())
}

/// The Info dictionary. The parser gives its values, but neither how precise its dates are nor
/// where it lies, and none where it had to repair the file, so that the trailers at both ends of
/// the file are searched for the reference.
fn info_dictionary(pdf: &Pdf) -> Option<Dict<'_>> {
    const KEY: &[u8] = b"/Info";
    let data = pdf.data().as_ref();
    let end = data.get(data.len().saturating_sub(TRAILER_BYTES)..)?;
    let start = data.get(..data.len().min(TRAILER_BYTES))?;
    [end, start].into_iter().find_map(|part| {
        let places = part.windows(KEY.len()).enumerate();
        let mut places: Vec<usize> = places
            .filter(|(_, window)| *window == KEY)
            .map(|(at, _)| at)
            .collect();
        places.reverse();
        places.into_iter().take(8).find_map(|at| {
            let behind = part.get(at + KEY.len()..)?;
            let id = reference(behind.get(..24).unwrap_or(behind))?;
            pdf.xref().get::<Dict<'_>>(id)
        })
    })
}

/// `12 0 R` at the beginning of some bytes.
fn reference(bytes: &[u8]) -> Option<ObjectIdentifier> {
    let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    let mut words = text.split_ascii_whitespace();
    let number = words.next()?.parse().ok()?;
    let generation = words.next()?.parse().ok()?;
    words
        .next()?
        .starts_with('R')
        .then(|| ObjectIdentifier::new(number, generation))
}

/// Entities of HTML that web forms put into metadata, resolved.
fn unescaped(text: String) -> String {
    if !text.contains('&') || !text.contains(';') {
        return text;
    }
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&apos;", "'")
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Whether a subject says something: more than one word, and not what the title says.
fn is_description(text: &str, titles: &[String]) -> bool {
    text.contains(' ')
        && text.chars().filter(|c| c.is_alphabetic()).count() >= 8
        && !text.contains('\u{fffd}')
        && !titles.iter().any(|title| title == text)
}

/// Names joined by `, `, without those of programs, accounts and nobody.
fn author(names: &[String], tools: &[String]) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    for name in names.iter().flat_map(|name| name.split(';')) {
        let name = name.trim_matches(['"', '\'', ',', ' ']);
        let name = name
            .strip_prefix("By ")
            .or_else(|| name.strip_prefix("by "))
            .unwrap_or(name);
        let is_tool = tools
            .iter()
            .any(|tool| tool.to_lowercase().contains(&name.to_lowercase()));
        if is_person(name) && !is_tool && !kept.contains(&name) {
            kept.push(name);
        }
    }
    // `Low, Ada; High, Ben` needs its semicolons.
    let separator = if kept.len() > 1 && kept.iter().all(|name| name.contains(',')) {
        "; "
    } else {
        ", "
    };
    let joined = kept.join(separator);
    (!joined.is_empty() && joined.chars().count() <= AUTHOR_CHARS).then(|| nfc(joined))
}

/// What stands in the field of the author where nobody filled it in, lower case.
const NOBODY: &[&str] = &[
    "user",
    "users",
    "windows user",
    "microsoft office user",
    "office user",
    "utente",
    "usuario",
    "usuário",
    "utilisateur",
    "utilisateur windows",
    "benutzer",
    "gebruiker",
    "пользователь",
    "administrator",
    "administrador",
    "administrateur",
    "admin",
    "root",
    "guest",
    "owner",
    "default",
    "unknown",
    "unknown author",
    "unbekannt",
    "inconnu",
    "anonymous",
    "none",
    "n/a",
    "na",
    "null",
    "nil",
    "author",
    "authors",
    "autor",
    "auteur",
    "name",
    "your name",
    "author name",
    "test",
    "pc",
    "hp",
    "dell",
    "acer",
    "asus",
    "lenovo",
    "toshiba",
    "compaq",
    "laptop",
    "desktop",
    "mac",
    "preferred customer",
    "valued customer",
    "valued gateway client",
    "registered user",
    "authorized user",
    "authorised user",
    "customer",
    "temp",
    "student",
    "staff",
    "scanner",
    "microsoft",
    "adobe",
    "word",
    "latex",
    "tex",
    "(anonymous)",
    "(unspecified)",
    "unspecified",
    "untitled",
    "windows",
    "system",
    "localadmin",
    "company",
    "home",
    "me",
];

/// Whether a text can be the name of a person or body.
fn is_person(name: &str) -> bool {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let lower = name.to_lowercase();
    if letters < 2
        || NOBODY.contains(&lower.as_str())
        || name.contains(['@', '\\', '\u{fffd}', '{', '}', '<', '>', '='])
        || name.contains("://")
        || lower.contains("copyright")
        || lower.contains("all rights")
        || name.contains('\u{a9}')
        || name.chars().any(char::is_control)
    {
        return false;
    }
    // A login is one word: in lower case, or with figures in it.
    let one_word = !name.contains(char::is_whitespace);
    let login = one_word
        && name.is_ascii()
        && (name == lower || name.bytes().any(|b| b.is_ascii_digit() || b == b'_'));
    !login
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a PDF with this Info dictionary and these entries of the catalog, and says
    /// `titles|author|description|language|created|modified`.
    #[track_caller]
    fn check(info: &str, catalog: &str, expected: &str) {
        let file = format!(
            "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R {catalog}>>endobj\n\
             2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n\
             3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>endobj\n\
             4 0 obj<<{info}>>endobj\n\
             5 0 obj<</Type/Metadata/Length 161>>stream\n\
             <rdf:RDF><rdf:Description xmp:CreateDate='2019-03-12'><dc:title>From XMP</dc:title>\
             <dc:creator>Ada Low</dc:creator></rdf:Description></rdf:RDF>\nendstream endobj\n\
             trailer<</Root 1 0 R/Info 4 0 R>>\n"
        );
        let pdf = Pdf::new(file.into_bytes()).expect("a small file of ours");
        let stated = of(&pdf);
        let date = |date: Option<PartialDate>| date.map(|d| d.to_string()).unwrap_or_default();
        let all = [
            stated.titles.join(";"),
            stated.author.unwrap_or_default(),
            stated.description.unwrap_or_default(),
            stated.language.unwrap_or_default(),
            date(stated.created),
            date(stated.modified),
        ];
        assert_eq!(all.join("|"), expected);
    }

    #[test]
    fn info_and_catalog() {
        check(
            "/Title(Port\\040dues &amp; fees)/Author(Ada Low; Ben High)/Subject(What ships pay)\
             /CreationDate(D:201903)/ModDate(D:20190312100000+01'30')",
            "/Lang(en_us)",
            "Port dues & fees|Ada Low, Ben High|What ships pay|en-US|2019-03|2019-03-12T10:00:00+01:30",
        );
        check("", "", "|||||");
        check("/Title 12/Author[1]/CreationDate()", "/Lang 3", "|||||");
    }

    #[test]
    fn xmp_before_info() {
        check(
            "/Title(From Info)/Author(Ben High)/CreationDate(D:2018)",
            "/Metadata 5 0 R",
            "From XMP;From Info|Ada Low|||2019-03-12|",
        );
    }

    #[test]
    fn who_is_nobody() {
        for (name, expected) in [
            ("Ada Low", Some("Ada Low")),
            ("By Ada Low", Some("Ada Low")),
            ("Low, Ada; High, Ben", Some("Low, Ada; High, Ben")),
            ("Ada Low;; Ben High;", Some("Ada Low, Ben High")),
            ("UNHCR", Some("UNHCR")),
            ("World Bank", Some("World Bank")),
            ("Мария", Some("Мария")),
            ("Ada Low, Ben High,", Some("Ada Low, Ben High")),
            ("\u{a9} 2019 Ada Low", None),
            ("Administrator", None),
            ("user", None),
            ("root", None),
            ("-", None),
            ("unknown", None),
            ("alow", None),
            ("alow12", None),
            ("VELD\\alow", None),
            ("ada.low@veldania.example", None),
            ("Acrobat", None),
            ("", None),
        ] {
            let found = author(&[name.to_owned()], &["Adobe Acrobat 9".to_owned()]);
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }
}
