//! Pages as they are printed, text as it is read.

use model::document::{Document, DocumentKind, Locator};

use super::{document, record};

const URL: &str = "https://reports.veldania.example/2025/harbour-report.pdf";

/// What a page prints: x and y from the upper left corner and size, points, and the text; or,
/// with a size of zero, a line that is drawn as far as the text says (`100 0`).
type Printed<'t> = (f32, f32, f32, &'t str);

/// A PDF of pages of A4, Helvetica. `turned` is the `Rotate` of each page.
fn pdf(pages: &[Vec<Printed<'_>>], turned: u16) -> Vec<u8> {
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        String::new(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
    ];
    let mut kids = String::new();
    for page in pages {
        let mut content = String::new();
        for (x, y, size, text) in page {
            let y = 842.0 - y;
            if *size > 0.0 {
                // Signs beyond ASCII as WinAnsi has them.
                let shown: String = text
                    .chars()
                    .map(|char| match char {
                        '(' | ')' | '\\' => format!("\\{char}"),
                        '\u{ad}' => "\\255".to_owned(),
                        '•' => "\\225".to_owned(),
                        '\u{a8}' => "\\250".to_owned(),
                        char => char.to_string(),
                    })
                    .collect();
                content += &format!("BT /F1 {size} Tf {x} {y} Td ({shown}) Tj ET\n");
            } else {
                let mut numbers = text
                    .split(' ')
                    .map(|number| number.parse::<f32>().expect("a number"));
                let (dx, dy) = (numbers.next().expect("dx"), numbers.next().expect("dy"));
                content += &format!("{x} {y} m {} {} l S\n", x + dx, y - dy);
            }
        }
        let number = objects.len() + 1;
        kids += &format!("{number} 0 R ");
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate {turned} \
             /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
            number + 1
        ));
        objects.push(format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ));
    }
    objects[1] = format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len());
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", bytes.len());
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let start = bytes.len();
    let count = objects.len() + 1;
    bytes.extend(format!("xref\n0 {count}\n{table}").bytes());
    bytes.extend(
        format!("trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes(),
    );
    bytes
}

fn read(pages: &[Vec<Printed<'_>>]) -> Document {
    document(&record(URL, "application/pdf", &pdf(pages, 0)))
}

/// The text of each page.
fn texts(document: &Document) -> Vec<(u32, String)> {
    let mut out: Vec<(u32, String)> = Vec::new();
    for passage in &document.passages {
        let Locator::Page(number) = passage.locator else {
            panic!("{passage:?}");
        };
        match out.last_mut() {
            Some((last, text)) if *last == number.get() => {
                text.push('\n');
                text.push_str(&passage.text);
            }
            _ => out.push((number.get(), passage.text.clone())),
        }
    }
    out
}

fn check(page: Vec<Printed<'_>>, expected: &str) {
    let found = read(&[page]);
    assert_eq!(texts(&found), [(1, expected.to_owned())]);
}

/// Lines of one column, 12 points apart.
fn column<'t>(x: f32, y: f32, lines: &[&'t str]) -> Vec<Printed<'t>> {
    (0_u8..)
        .zip(lines)
        .map(|(index, line)| (x, y + 12.0 * f32::from(index), 10.0, *line))
        .collect()
}

const LEFT: &[&str] = &[
    "The harbour of Istmere was dredged in the spring",
    "of the year, and the ferries of Veldania came back",
    "after forty years of silence between the two towns,",
    "which had been one under the old duchess and were",
    "now one again, if only for trade in salt and her-",
];
const RIGHT: &[&str] = &[
    "ring. The customs house was opened in June with a",
    "speech and a brass band, and closed in July for the",
    "want of goods. Nobody complained. In August a ship",
    "of the line anchored off the mole and asked for wa-",
    "ter, bread and news, in this order, and left again.",
];
const READ: &str = "The harbour of Istmere was dredged in the spring of the year, and the ferries of \
    Veldania came back after forty years of silence between the two towns, which had been one under \
    the old duchess and were now one again, if only for trade in salt and herring. The customs house \
    was opened in June with a speech and a brass band, and closed in July for the want of goods. \
    Nobody complained. In August a ship of the line anchored off the mole and asked for water, bread \
    and news, in this order, and left again.";

#[test]
fn columns_are_read_one_after_the_other() {
    // Column by column, and line by line over both, as other programs print them.
    let columns = [column(50.0, 100.0, LEFT), column(310.0, 100.0, RIGHT)];
    let by_column = columns.concat();
    let by_line: Vec<Printed<'_>> = (0..LEFT.len())
        .flat_map(|index| [columns[0][index], columns[1][index]])
        .collect();
    check(by_column, READ);
    check(by_line, READ);
}

#[test]
fn what_lies_across_columns_ends_them() {
    let page = [
        vec![(
            50.0,
            60.0,
            18.0,
            "Report on the harbours of both countries and their trade",
        )],
        column(50.0, 100.0, LEFT),
        column(310.0, 100.0, RIGHT),
        vec![(
            50.0,
            200.0,
            10.0,
            "A line that runs below both columns from one margin of the page to the other one.",
        )],
    ];
    let found = read(&[page.concat()]);
    let text = &texts(&found)[0].1;
    let order: Vec<_> = [
        "Report on",
        "The harbour",
        "ring. The customs",
        "A line that",
    ]
    .iter()
    .map(|part| text.find(part.trim_start_matches("ring. ")))
    .collect();
    assert!(
        order.iter().all(Option::is_some) && order.is_sorted(),
        "{text}"
    );
    assert_eq!(
        found.title,
        "Report on the harbours of both countries and their trade"
    );
}

#[test]
fn tables_are_read_row_by_row() {
    let rows = [
        ("Port", "Ships", "Salt"),
        ("Istmere", "112", "3,400"),
        ("Veldania", "98", "2,950"),
        ("Kelm", "12", "70"),
    ];
    let cell =
        |index: usize, x: f32, text: &'static str| (x, 100.0 + 14.0 * index as f32, 10.0, text);
    // Printed column by column, as spreadsheets do.
    let mut page = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        page.push(cell(index, 50.0, row.0));
    }
    for (index, row) in rows.iter().enumerate() {
        page.push(cell(index, 200.0, row.1));
    }
    for (index, row) in rows.iter().enumerate() {
        page.push(cell(index, 300.0, row.2));
    }
    check(
        page,
        "Port Ships Salt\nIstmere 112 3,400\nVeldania 98 2,950\nKelm 12 70",
    );
}

#[test]
fn cells_between_lines_are_read_whole() {
    let mut page = vec![
        (50.0, 90.0, 0.0, "400 0"),
        (50.0, 130.0, 0.0, "400 0"),
        (50.0, 170.0, 0.0, "400 0"),
        (50.0, 90.0, 0.0, "0 80"),
        (200.0, 90.0, 0.0, "0 80"),
        (450.0, 90.0, 0.0, "0 80"),
    ];
    page.extend(column(55.0, 104.0, &["Dredging of", "the harbour"]));
    page.extend(column(
        205.0,
        104.0,
        &["is to begin in the spring, weather", "permitting"],
    ));
    page.extend(column(55.0, 144.0, &["Repair of", "the mole"]));
    page.extend(column(
        205.0,
        144.0,
        &["waits for stone from the quarry of", "Kelm"],
    ));
    let text = texts(&read(&[page]))[0].1.replace('\n', " ");
    assert_eq!(
        text,
        "Dredging of the harbour is to begin in the spring, weather permitting \
         Repair of the mole waits for stone from the quarry of Kelm"
    );
}

#[test]
fn paragraphs_begin_where_they_did() {
    check(
        [
            column(
                50.0,
                100.0,
                &[
                    "The first paragraph is told in two lines of some",
                    "length and ends.",
                ],
            ),
            column(
                62.0,
                124.0,
                &["The second one is indented, as in books, and has"],
            ),
            column(50.0, 136.0, &["a second line too."]),
            column(50.0, 160.0, &["• the first entry", "• the second entry"]),
        ]
        .concat(),
        "The first paragraph is told in two lines of some length and ends.\n\
         The second one is indented, as in books, and has a second line too.\n\
         • the first entry\n• the second entry",
    );
}

#[test]
fn letters_printed_over_each_other_are_one() {
    check(
        vec![
            (50.0, 100.0, 10.0, "Printed twice"),
            (50.3, 100.0, 10.0, "Printed twice"),
            // As TeX prints `für`: the accent over the letter.
            (50.0, 120.0, 10.0, "f"),
            (52.78, 120.0, 10.0, "u"),
            (53.9, 120.0, 10.0, "\u{a8}"),
            (58.34, 120.0, 10.0, "r Istmere"),
        ],
        "Printed twice\nfür Istmere",
    );
}

#[test]
fn turned_pages_are_read_upright() {
    // A page that is printed upwards along its left edge and turned clockwise when shown.
    let plain = pdf(&[column(50.0, 100.0, &["Read me", "upright"])], 0);
    let text = String::from_utf8(plain).unwrap();
    let turned = text
        .replace("/Rotate 0", "/Rotate 90")
        .replace("50 742 Td", "1 0 0 1 0 0 Tm 0 1 -1 0 100 50 Tm")
        .replace("50 730 Td", "1 0 0 1 0 0 Tm 0 1 -1 0 112 50 Tm");
    let found = document(&record(URL, "application/pdf", turned.as_bytes()));
    assert_eq!(texts(&found)[0].1, "Read me upright");
    // The same text on a page that is not turned, such as a table set sideways.
    let sideways = turned.replace("/Rotate 90", "/Rotate 0");
    let found = document(&record(URL, "application/pdf", sideways.as_bytes()));
    assert_eq!(texts(&found)[0].1, "Read me upright");
}

#[test]
fn heads_and_feet_are_left_out() {
    let numbers = [
        ("1", "Salt"),
        ("2", "Herring"),
        ("3", "Rope"),
        ("4", "Tar"),
        ("5", "Stone"),
        ("6", "Timber"),
    ];
    let pages: Vec<Vec<Printed<'_>>> = numbers
        .iter()
        .map(|(number, word)| {
            [
                vec![(50.0, 40.0, 9.0, "Harbour Report 2025")],
                // No two pages begin or end alike.
                vec![(50.0, 90.0, 10.0, *word)],
                column(50.0, 200.0, LEFT),
                vec![(290.0, 810.0, 9.0, *number)],
            ]
            .concat()
        })
        .collect();
    let found = read(&pages);
    assert_eq!(
        found.kind,
        DocumentKind::Pdf {
            pages: Some(6),
            no_text_layer: false
        }
    );
    for (number, text) in texts(&found) {
        // Where it stands first, it may be a heading, and is read.
        let text = match number {
            1 => text.strip_prefix("Harbour Report 2025\n").unwrap(),
            _ => text.as_str(),
        };
        assert!(!text.contains("Harbour Report"), "{text}");
        assert!(
            text.starts_with(numbers[number as usize - 1].1) && text.ends_with("her-"),
            "{number}: {text}"
        );
    }
    // What stands there once stays.
    let mut pages = pages;
    pages[2][0].3 = "A head of its own";
    assert!(texts(&read(&pages))[2].1.starts_with("A head of its own"));
}

#[test]
fn pages_without_letters_are_a_scan() {
    let mut pages = vec![vec![(50.0, 90.0, 0.0, "400 0")]; 5];
    pages[0] = column(50.0, 100.0, &["Only the cover has letters."]);
    let found = read(&pages);
    assert_eq!(
        found.kind,
        DocumentKind::Pdf {
            pages: Some(5),
            no_text_layer: true
        }
    );
    pages[1] = column(50.0, 100.0, &["And this one."]);
    let found = read(&pages);
    assert_eq!(
        found.kind,
        DocumentKind::Pdf {
            pages: Some(5),
            no_text_layer: false
        }
    );
    // Nothing at all: known by the name of its file.
    let found = read(&[Vec::new()]);
    assert_eq!(found.title, "harbour report");
    assert!(found.passages.is_empty());
}

/// A picture over the whole page.
const PICTURE: &str = "q 595 0 0 842 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \u{7f} EI Q";

#[test]
fn stamps_and_numbers_on_scans_are_no_text() {
    let numbers = ["98", "99", "100", "101"];
    let pages: Vec<Vec<Printed<'_>>> = numbers
        .iter()
        .map(|number| {
            vec![
                (
                    50.0,
                    830.0,
                    6.0,
                    "Downloaded from the archive of Veldania on 2 June 2025",
                ),
                (290.0, 810.0, 9.0, *number),
            ]
        })
        .collect();
    let stamped = String::from_utf8(pdf(&pages, 0)).unwrap();
    // The first thing that each page prints is its picture; lengths are found again.
    let scan = stamped.replace("stream\nBT", &format!("stream\n{PICTURE}\nBT"));
    let found = document(&record(URL, "application/pdf", scan.as_bytes()));
    let DocumentKind::Pdf { no_text_layer, .. } = found.kind else {
        panic!("{found:?}");
    };
    assert!(no_text_layer, "{found:#?}");
}

#[test]
fn headings_are_told_by_their_size() {
    let found = read(&[[
        vec![(50.0, 60.0, 14.0, "1. The dredging")],
        column(50.0, 100.0, LEFT),
        vec![(50.0, 180.0, 14.0, "2. The customs house")],
        column(50.0, 200.0, RIGHT),
    ]
    .concat()]);
    let headings: Vec<_> = found
        .passages
        .iter()
        .map(|passage| passage.heading.as_deref())
        .collect();
    assert_eq!(
        headings,
        [Some("1. The dredging"), Some("2. The customs house")]
    );
}

#[test]
fn pages_that_are_missed_are_told_of() {
    let whole = pdf(&[column(50.0, 100.0, LEFT)], 0);
    let cut = String::from_utf8(whole)
        .unwrap()
        .replace("/Count 1", "/Count 9");
    let found = document(&record(URL, "application/pdf", cut.as_bytes()));
    let told = "only 1 of the 9 pages that it names are there: it is damaged or cut off";
    assert_eq!(found.warnings, [told]);
}
