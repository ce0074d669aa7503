//! PDFs that lie, end early or go on for ever.

use super::writer::{
    HELVETICA, Writer, catalogue, deflated, document, lines, page, run_lengths, tree_of, zeros,
};

/// Words that stand on every sound page, so that a search tells what was read.
pub(crate) const WORDS: &[&str] = &[
    "The harbour of Istmere was dredged in the spring, and the ferries of",
    "Veldania came back after forty years of silence between the towns.",
];

pub(crate) fn sound() -> Vec<u8> {
    let first = lines(&[&["A sound report on the harbour", ""], WORDS].concat());
    let second = lines(&["The second page tells of the herring and of the customs house."]);
    document(&[&first, &second], "A sound report")
}

/// What is built around one page: its catalogue, tree, content and resources.
fn one_page(build: impl FnOnce(&mut Writer, usize) -> (usize, String)) -> Vec<u8> {
    let mut writer = Writer::default();
    let tree = writer.reserve();
    let (content, resources) = build(&mut writer, tree);
    let font = writer.add(HELVETICA);
    let resources = format!("/Font << /F1 {font} 0 R >> {resources}");
    let page = writer.add(page(tree, content, &resources));
    writer.set(tree, tree_of(&format!("{page} 0 R"), 1));
    let catalogue = writer.add(catalogue(tree));
    writer.finish(catalogue, "")
}

/// The small ones, which lie in `fixtures/pdf`; those that are encrypted are made of `sound.pdf` by
/// another program.
pub(crate) fn small() -> Vec<(&'static str, Vec<u8>)> {
    let sound = sound();
    let junk = [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n".as_slice(),
        &sound,
    ];
    vec![
        ("sound.pdf", sound.clone()),
        ("empty.pdf", Vec::new()),
        ("header-only.pdf", b"%PDF-1.7".to_vec()),
        ("noise.pdf", (0..=255).cycle().take(2000).collect()),
        ("cut.pdf", sound[..sound.len() / 2].to_vec()),
        ("cut-at-once.pdf", sound[..60].to_vec()),
        ("cut-at-the-end.pdf", sound[..sound.len() - 100].to_vec()),
        ("behind-junk.pdf", junk.concat()),
        ("no-pages.pdf", document(&[], "Nothing")),
        ("cyclic-tree.pdf", cyclic_tree()),
        ("garbage-table.pdf", garbage_table()),
        ("table-before-itself.pdf", table_before_itself()),
        ("no-map.pdf", no_map()),
        ("form-in-itself.pdf", form_in_itself()),
        ("forms-in-forms.pdf", forms_in_forms()),
        ("nested-content.pdf", nested("[", "]", true)),
    ]
}

/// Nodes whose children are their parents and themselves, around one page.
fn cyclic_tree() -> Vec<u8> {
    let mut writer = Writer::default();
    let root = writer.reserve();
    let inner = writer.reserve();
    let font = writer.add(HELVETICA);
    let content = writer.stream("", lines(WORDS).as_bytes());
    let leaf = writer.add(page(inner, content, &format!("/Font << /F1 {font} 0 R >>")));
    let kids = format!("{root} 0 R {leaf} 0 R {inner} 0 R");
    writer.set(
        inner,
        format!("<< /Type /Pages /Parent {root} 0 R /Kids [{kids}] /Count 9 >>"),
    );
    writer.set(
        root,
        format!("<< /Type /Pages /Parent {inner} 0 R /Kids [{inner} 0 R {root} 0 R] /Count 9 >>"),
    );
    let catalogue = writer.add(catalogue(root));
    writer.finish(catalogue, "")
}

/// Offsets into nowhere; the objects are all there.
fn garbage_table() -> Vec<u8> {
    let mut file = sound();
    let at = file
        .windows(5)
        .position(|bytes| bytes == b"xref\n")
        .unwrap();
    let end = file
        .windows(7)
        .position(|bytes| bytes == b"trailer")
        .unwrap();
    for (index, byte) in file[at + 5..end].iter_mut().enumerate() {
        *byte = b"7/<(\xff)>[ 9x"[index * 7 % 11];
    }
    file
}

/// A table of objects that says that an older one stands where it stands itself.
fn table_before_itself() -> Vec<u8> {
    let file = sound();
    let at = file
        .windows(5)
        .position(|bytes| bytes == b"xref\n")
        .unwrap();
    let text = String::from_utf8_lossy(&file[at..]).into_owned();
    let text = text.replace("/Size", &format!("/Prev {at} /Size"));
    [&file[..at], text.as_bytes()].concat()
}

/// Letters of a font that does not say which letters they are.
fn no_map() -> Vec<u8> {
    one_page(|writer, _| {
        let descendant = writer.add(
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /AAAAAA+Nameless /CIDSystemInfo \
             << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 600 >>",
        );
        let font = writer.add(format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /AAAAAA+Nameless /Encoding /Identity-H \
             /DescendantFonts [{descendant} 0 R] >>"
        ));
        let content = "BT /F2 12 Tf 72 720 Td <00480065006C006C006F0001000200030004> Tj ET";
        let content = writer.stream("", content.as_bytes());
        (content, format!("/Font << /F2 {font} 0 R >>"))
    })
}

/// A drawing that draws itself.
fn form_in_itself() -> Vec<u8> {
    one_page(|writer, _| {
        let form = writer.reserve();
        let font = writer.add(HELVETICA);
        let content = format!("{} /X Do /X Do", lines(WORDS));
        let resources = format!("/Font << /F1 {font} 0 R >> /XObject << /X {form} 0 R >>");
        let body = format!(
            "<< /Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << {resources} >> \
             /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        );
        writer.set(form, body);
        let start = writer.stream("", b"/X Do");
        (start, format!("/XObject << /X {form} 0 R >>"))
    })
}

/// Forty drawings, each of which draws the next one four times: 4^40 in all.
fn forms_in_forms() -> Vec<u8> {
    one_page(|writer, _| {
        let mut inner = writer.stream(
            "/Type /XObject /Subtype /Form /BBox [0 0 612 792]",
            b"0 0 1 1 re f",
        );
        for _ in 0..40 {
            inner = writer.stream(
                &format!(
                    "/Type /XObject /Subtype /Form /BBox [0 0 612 792] \
                     /Resources << /XObject << /X {inner} 0 R >> >>"
                ),
                b"/X Do /X Do /X Do /X Do",
            );
        }
        let content = format!("{} /X Do", lines(WORDS));
        let content = writer.stream("", content.as_bytes());
        (content, format!("/XObject << /X {inner} 0 R >>"))
    })
}

/// Levels of what is nested too deeply.
const LEVELS: usize = 200_000;

/// Brackets in brackets, in the content of a page or in its dictionary.
fn nested(open: &str, close: &str, in_content: bool) -> Vec<u8> {
    let nest = format!("{} 0 {}", open.repeat(LEVELS), close.repeat(LEVELS));
    one_page(|writer, _| {
        if in_content {
            let content = format!("{} {nest} TJ", lines(WORDS));
            let content =
                writer.stream("/Filter /RunLengthDecode", &run_lengths(content.as_bytes()));
            return (content, String::new());
        }
        let content = writer.stream("", lines(WORDS).as_bytes());
        (content, format!("/Nest {nest}"))
    })
}

/// A tree of pages that is a path.
fn deep_tree(levels: usize) -> Vec<u8> {
    let mut writer = Writer::default();
    let root = writer.reserve();
    let mut parent = root;
    for _ in 0..levels {
        let inner = writer.reserve();
        writer.set(parent, tree_of(&format!("{inner} 0 R"), 1));
        parent = inner;
    }
    let font = writer.add(HELVETICA);
    let content = writer.stream("", lines(WORDS).as_bytes());
    let leaf = writer.add(page(
        parent,
        content,
        &format!("/Font << /F1 {font} 0 R >>"),
    ));
    writer.set(parent, tree_of(&format!("{leaf} 0 R"), 1));
    let catalogue = writer.add(catalogue(root));
    writer.finish(catalogue, "")
}

/// A scan of two pages, from their pictures (PGM).
pub(crate) fn scan(pictures: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = Writer::default();
    let tree = writer.reserve();
    let mut kids = String::new();
    for picture in pictures {
        let mut parts = picture.splitn(4, u8::is_ascii_whitespace);
        let number = |part: Option<&[u8]>| {
            let text = String::from_utf8_lossy(part.unwrap()).into_owned();
            text.parse::<u32>().unwrap()
        };
        assert_eq!(parts.next(), Some(b"P5".as_slice()));
        let (width, height) = (number(parts.next()), number(parts.next()));
        let samples = parts.next().unwrap().strip_prefix(b"255\n").unwrap();
        let image = writer.stream(
            &format!(
                "/Type /XObject /Subtype /Image /Width {width} /Height {height} \
                 /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode"
            ),
            &deflated(samples),
        );
        let content = writer.stream("", b"q 612 0 0 792 0 0 cm /X Do Q");
        let page = writer.add(page(
            tree,
            content,
            &format!("/XObject << /X {image} 0 R >>"),
        ));
        kids.push_str(&format!("{page} 0 R "));
    }
    writer.set(tree, tree_of(&kids, pictures.len()));
    let catalogue = writer.add(catalogue(tree));
    writer.finish(catalogue, "")
}

/// Builds a file.
type Build = fn() -> Vec<u8>;

/// Those that are too large to keep; each is built when it is tested.
pub(crate) fn large() -> Vec<(&'static str, Build)> {
    vec![
        ("many-pages.pdf", many_pages),
        ("heavy.pdf", || heavy(70)),
        ("nested-arrays.pdf", || nested("[", "]", false)),
        ("nested-dictionaries.pdf", || nested("<</A", ">>", false)),
        ("deep-tree.pdf", || deep_tree(100_000)),
        ("bomb-content.pdf", bomb_content),
        ("bomb-image.pdf", bomb_image),
        ("bomb-objects.pdf", bomb_objects),
        ("bomb-table.pdf", bomb_table),
        ("bomb-map.pdf", bomb_map),
        ("endless-content.pdf", endless_content),
        ("content-again-and-again.pdf", content_again_and_again),
    ]
}

/// 100,000 pages with a line each.
fn many_pages() -> Vec<u8> {
    const PAGES: usize = 100_000;
    let mut writer = Writer::default();
    let tree = writer.reserve();
    let font = writer.add(HELVETICA);
    let mut kids = String::new();
    for number in 0..PAGES {
        // What stands on every page would be a running head.
        let line = format!("Register of the harbour, ferry number {number} of Istmere");
        let content = writer.stream("", lines(&[&line]).as_bytes());
        let leaf = writer.add(page(tree, content, &format!("/Font << /F1 {font} 0 R >>")));
        kids.push_str(&format!("{leaf} 0 R "));
    }
    writer.set(tree, tree_of(&kids, PAGES));
    let catalogue = writer.add(catalogue(tree));
    writer.finish(catalogue, "")
}

/// A sound report with so many MiB of something else in it.
pub(crate) fn heavy(mebibytes: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let ballast: Vec<u8> = std::iter::repeat_with(next).take(1 << 20).collect();
    let ballast = ballast.repeat(mebibytes);
    one_page(|writer, _| {
        writer.stream("", &ballast);
        let content = writer.stream("", lines(WORDS).as_bytes());
        (content, String::new())
    })
}

/// MiB that a bomb inflates to.
const BOMB: u32 = 2048;

fn bomb_content() -> Vec<u8> {
    one_page(|writer, _| {
        let content = writer.stream("/Filter /FlateDecode", &zeros(BOMB));
        (content, String::new())
    })
}

fn bomb_image() -> Vec<u8> {
    one_page(|writer, _| {
        let image = writer.stream(
            "/Type /XObject /Subtype /Image /Width 46340 /Height 46340 /BitsPerComponent 8 \
             /ColorSpace /DeviceGray /Filter /FlateDecode",
            &zeros(BOMB),
        );
        let content = format!("q 612 0 0 792 0 0 cm /X Do Q {}", lines(WORDS));
        let content = writer.stream("", content.as_bytes());
        (content, format!("/XObject << /X {image} 0 R >>"))
    })
}

/// A page that is a picture of 243 MB.
pub(crate) fn large_picture() -> Vec<u8> {
    one_page(|writer, _| {
        let image = writer.stream(
            "/Type /XObject /Subtype /Image /Width 9000 /Height 9000 /BitsPerComponent 8 \
             /ColorSpace /DeviceRGB /Filter /FlateDecode",
            &zeros(232),
        );
        let content = writer.stream("", b"q 612 0 0 792 0 0 cm /X Do Q");
        (content, format!("/XObject << /X {image} 0 R >>"))
    })
}

/// The bomb is a stream of objects, which is read because the table of objects is not found.
fn bomb_objects() -> Vec<u8> {
    let file = one_page(|writer, _| {
        writer.stream(
            "/Type /ObjStm /N 1 /First 6 /Filter /FlateDecode",
            &zeros(BOMB),
        );
        let content = writer.stream("", lines(WORDS).as_bytes());
        (content, String::new())
    });
    table_at(file, 0)
}

/// The bomb is the table of objects.
fn bomb_table() -> Vec<u8> {
    let dictionary = "/Type /XRef /Size 9 /W [1 3 1] /Root 6 0 R /Filter /FlateDecode";
    let file = one_page(|writer, _| {
        writer.stream(dictionary, &zeros(BOMB));
        let content = writer.stream("", lines(WORDS).as_bytes());
        (content, String::new())
    });
    let at = file.windows(7).position(|bytes| bytes == b"2 0 obj");
    table_at(file, at.unwrap())
}

/// The file with its table of objects said to be at this offset.
fn table_at(mut file: Vec<u8>, offset: usize) -> Vec<u8> {
    let end = b"startxref";
    let at = file
        .windows(end.len())
        .rposition(|bytes| bytes == end)
        .unwrap();
    file.truncate(at);
    file.extend_from_slice(format!("startxref\n{offset}\n%%EOF\n").as_bytes());
    file
}

/// The bomb is what should say which letters a font has.
fn bomb_map() -> Vec<u8> {
    one_page(|writer, _| {
        let map = writer.stream("/Filter /FlateDecode", &zeros(BOMB));
        let font = writer.add(format!(
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode {map} 0 R >>"
        ));
        let content = writer.stream("", b"BT /F2 12 Tf 72 720 Td (The harbour of Istmere) Tj ET");
        (content, format!("/Font << /F2 {font} 0 R >>"))
    })
}

/// A line printed three million times over.
fn endless_content() -> Vec<u8> {
    one_page(|writer, _| {
        let content = "BT /F1 12 Tf 72 720 Td (The harbour of Istmere was dredged) Tj ET\n";
        let content = deflated(content.repeat(3_000_000).as_bytes());
        let content = writer.stream("/Filter /FlateDecode", &content);
        (content, String::new())
    })
}

/// One page whose content is the same stream a million times.
fn content_again_and_again() -> Vec<u8> {
    let mut writer = Writer::default();
    let tree = writer.reserve();
    let font = writer.add(HELVETICA);
    let content = writer.stream("", lines(WORDS).as_bytes());
    let all = format!("{content} 0 R ").repeat(1_000_000);
    let leaf = writer.add(format!(
        "<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 612 792] /Contents [{all}] \
         /Resources << /Font << /F1 {font} 0 R >> >> >>"
    ));
    writer.set(tree, tree_of(&format!("{leaf} 0 R"), 1));
    let catalogue = writer.add(catalogue(tree));
    writer.finish(catalogue, "")
}
