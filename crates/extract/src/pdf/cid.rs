//! Letters of Chinese, Japanese and Korean fonts that come without a map of their own: their
//! character collection (ISO 32000-1, 9.7.5) says what each number is.

use std::collections::HashMap;

use hayro_interpret::hayro_cmap::{BfString, CMap, CMapName, CidFamily, load_embedded};
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as PdfString};

/// Objects that are looked at for fonts.
const MOST_OBJECTS: usize = 200_000;

/// How the codes of one font become letters.
pub(super) struct Collection {
    /// From codes to numbers of the collection; `None` where they are the same.
    encoding: Option<CMap>,
    /// From numbers to letters.
    letters: CMap,
}

impl Collection {
    pub(super) fn letter(&self, code: u32) -> Option<BfString> {
        let cid = match &self.encoding {
            None => code,
            Some(encoding) => (1..=4).find_map(|bytes| encoding.lookup_cid_code(code, bytes))?,
        };
        self.letters.lookup_bf_string(cid)
    }
}

fn map(name: CMapName<'_>) -> Option<CMap> {
    CMap::parse(load_embedded(name)?, load_embedded)
}

/// The fonts of a document that need this, by PostScript name without the mark of a subset.
///
/// Reads all objects of the document: ask only when a letter is missing.
pub(super) fn collections(pdf: &Pdf) -> HashMap<String, Collection> {
    let mut found = HashMap::new();
    for object in pdf.objects().into_iter().take(MOST_OBJECTS) {
        if let Object::Dict(font) = object
            && let Some((name, collection)) = collection(&font)
        {
            found.entry(name).or_insert(collection);
        }
    }
    found
}

fn collection(font: &Dict<'_>) -> Option<(String, Collection)> {
    let subtype = font.get::<Name<'_>>(b"Subtype")?;
    if subtype.as_ref() != b"Type0" || font.contains_key(b"ToUnicode") {
        return None;
    }
    let descendants = font.get::<Array<'_>>(b"DescendantFonts")?;
    let descendant = descendants.iter::<Dict<'_>>().next()?;
    let system = descendant.get::<Dict<'_>>(b"CIDSystemInfo")?;
    let registry = system.get::<PdfString<'_>>(b"Registry")?;
    let ordering = system.get::<PdfString<'_>>(b"Ordering")?;
    let family = CidFamily::from_registry_ordering(registry.as_bytes(), ordering.as_bytes());
    let letters = map(family.ucs2_cmap()?)?;
    let encoding = if let Some(name) = font.get::<Name<'_>>(b"Encoding") {
        match name.as_ref() {
            b"Identity-H" | b"Identity-V" => None,
            name => Some(map(CMapName::from_bytes(name))?),
        }
    } else {
        let stream = font.get::<Stream<'_>>(b"Encoding")?;
        let data = stream.decoded_data().ok()?;
        Some(CMap::parse(&data, load_embedded)?)
    };
    let name = font.get::<Name<'_>>(b"BaseFont")?;
    let name = name.as_str();
    let bare = match name.split_once('+') {
        Some((mark, bare)) if mark.len() == 6 => bare,
        _ => name,
    };
    Some((bare.to_owned(), Collection { encoding, letters }))
}
