//! The outline (bookmarks): sections and the pages where they begin.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU32;

use hayro_syntax::Pdf;
use hayro_syntax::object::{
    Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, String as PdfString,
};

use super::metadata::decode;
use crate::text::{folded, head, nfc};

/// Sections of one outline; what is behind them is left out.
const MOST_SECTIONS: usize = 5_000;
/// Entries that are looked at, those without title or page among them.
const MOST_ENTRIES: usize = 20_000;
/// Deeper levels are left out.
const DEPTH: u8 = 12;
/// Named destinations of one file, and nodes of the tree that holds them.
const MOST_NAMES: usize = 100_000;
/// Levels of that tree.
const NAME_DEPTH: usize = 32;
/// Characters of a section's title.
const TITLE_CHARS: usize = 300;

/// A section, in the order of the outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// White space folded, never empty.
    pub(super) title: String,
    /// Where it begins, from 1.
    pub(super) page: NonZeroU32,
    /// 1 for the outermost.
    pub(super) level: u8,
}

/// Reads the outline, as far as it is sound. Sections that lead nowhere get the page of the first
/// section inside them, and are left out if there is none.
pub(super) fn of(pdf: &Pdf) -> Vec<Section> {
    let catalog: Option<Dict<'_>> = pdf.xref().get(pdf.xref().root_id());
    let Some(catalog) = catalog else {
        return Vec::new();
    };
    let Some(outlines) = catalog.get::<Dict<'_>>("Outlines") else {
        return Vec::new();
    };
    let mut destinations = Destinations::of(pdf, &catalog);
    let mut entries: Vec<(String, Option<NonZeroU32>, u8)> = Vec::new();
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    // What is still to be read, the next one last.
    let mut open: Vec<(Dict<'_>, u8)> = Vec::new();
    let mut looked_at = 0;
    let step = |dict: &Dict<'_>, key: &str, seen: &mut HashSet<ObjectIdentifier>| {
        let id: ObjectIdentifier = dict.get_ref(key)?.into();
        seen.insert(id).then_some(id)
    };
    if let Some(first) = step(&outlines, "First", &mut seen)
        && let Some(first) = pdf.xref().get(first)
    {
        open.push((first, 1));
    }
    while let Some((item, level)) = open.pop() {
        looked_at += 1;
        if looked_at > MOST_ENTRIES || entries.len() >= MOST_SECTIONS {
            break;
        }
        if let Some(next) = step(&item, "Next", &mut seen)
            && let Some(next) = pdf.xref().get(next)
        {
            open.push((next, level));
        }
        if level < DEPTH
            && let Some(first) = step(&item, "First", &mut seen)
            && let Some(first) = pdf.xref().get(first)
        {
            open.push((first, level + 1));
        }
        let title = item
            .get::<PdfString<'_>>("Title")
            .and_then(|title| folded(&decode(title.as_bytes())));
        if let Some(title) = title.filter(|title| !is_file_name(title)) {
            let page = destinations.page_of(&item);
            entries.push((nfc(head(&title, TITLE_CHARS).to_owned()), page, level));
        }
    }
    placed(&entries)
}

/// Whether a title is the name of a file, which programs that join files make sections of.
fn is_file_name(title: &str) -> bool {
    let lower = title.to_lowercase();
    let extension = lower.rsplit_once('.').map(|(_, extension)| extension);
    !title.contains(' ')
        && matches!(
            extension,
            Some("html" | "htm" | "pdf" | "doc" | "docx" | "indd" | "ps" | "eps" | "tif" | "jpg")
        )
}

/// Sections with a page, their own or that of the first one inside them.
fn placed(entries: &[(String, Option<NonZeroU32>, u8)]) -> Vec<Section> {
    // The page of the nearest section behind, for each level.
    let mut behind: Vec<Option<NonZeroU32>> = vec![None; usize::from(DEPTH) + 2];
    let mut sections: Vec<Section> = Vec::new();
    for (title, page, level) in entries.iter().rev() {
        let place = usize::from(*level);
        let page = page.or_else(|| behind.get(place + 1).copied().flatten());
        // What is inside of it does not count for the section before it.
        for inner in behind.iter_mut().skip(place + 1) {
            *inner = None;
        }
        if let Some(here) = behind.get_mut(place) {
            *here = page.or(*here);
        }
        sections.extend(page.map(|page| Section {
            title: title.clone(),
            page,
            level: *level,
        }));
    }
    sections.reverse();
    sections
}

/// Finds the page of a destination.
struct Destinations<'a> {
    pages: HashMap<ObjectIdentifier, NonZeroU32>,
    count: usize,
    catalog: &'a Dict<'a>,
    /// Read when the first name is asked for.
    names: Option<HashMap<Vec<u8>, NonZeroU32>>,
}

impl<'a> Destinations<'a> {
    fn of(pdf: &Pdf, catalog: &'a Dict<'a>) -> Self {
        let mut pages = HashMap::new();
        for (page, number) in pdf.pages().iter().zip(1..) {
            if let (Some(id), Some(number)) = (page.raw().obj_id(), NonZeroU32::new(number)) {
                // A page that stands in the tree twice is the first one.
                pages.entry(id).or_insert(number);
            }
        }
        Self {
            pages,
            count: pdf.pages().len(),
            catalog,
            names: None,
        }
    }

    /// The page of an entry of the outline: its destination, or that of its action.
    fn page_of(&mut self, item: &Dict<'a>) -> Option<NonZeroU32> {
        if let Some(destination) = item.get::<Object<'_>>("Dest") {
            return self.page(destination);
        }
        let action = item.get::<Dict<'_>>("A")?;
        let kind = action.get::<Name<'_>>("S")?;
        (kind.as_str() == "GoTo").then_some(())?;
        self.page(action.get::<Object<'_>>("D")?)
    }

    fn page(&mut self, destination: Object<'a>) -> Option<NonZeroU32> {
        let name = match &destination {
            Object::Name(name) => name.as_ref().to_vec(),
            Object::String(name) => name.as_bytes().to_vec(),
            Object::Array(_) | Object::Dict(_) => return self.direct(destination),
            _ => return None,
        };
        if self.names.is_none() {
            self.names = Some(self.read_names());
        }
        self.names.as_ref()?.get(&name).copied()
    }

    /// `[page /Fit …]`, or a dictionary that holds such an array.
    fn direct(&self, destination: Object<'a>) -> Option<NonZeroU32> {
        let array = match destination {
            Object::Array(array) => array,
            Object::Dict(dict) => dict.get::<Array<'_>>("D")?,
            _ => return None,
        };
        match array.raw_iter().next()? {
            MaybeRef::Ref(page) => self.pages.get(&page.into()).copied(),
            // Counted from 0; meant for other files, used for this one all the same.
            MaybeRef::NotRef(Object::Number(index)) => {
                let index = usize::try_from(index.as_i64()).ok()?;
                (index < self.count).then_some(())?;
                NonZeroU32::new(u32::try_from(index).ok()? + 1)
            }
            MaybeRef::NotRef(_) => None,
        }
    }

    /// All named destinations: the tree of PDF 1.2 and the dictionary of PDF 1.1.
    fn read_names(&self) -> HashMap<Vec<u8>, NonZeroU32> {
        let mut names = HashMap::new();
        if let Some(old) = self.catalog.get::<Dict<'_>>("Dests") {
            for key in old.keys().take(MOST_NAMES) {
                let destination = old.get::<Object<'_>>(&key);
                if let Some(page) = destination.and_then(|found| self.direct(found)) {
                    names.insert(key.as_ref().to_vec(), page);
                }
            }
        }
        let tree = self
            .catalog
            .get::<Dict<'_>>("Names")
            .and_then(|names| names.get::<Dict<'_>>("Dests"));
        let mut seen = HashSet::new();
        let mut open: Vec<(Dict<'_>, usize)> = tree.map(|root| (root, 0)).into_iter().collect();
        let mut looked_at = 0;
        while let Some((node, depth)) = open.pop() {
            looked_at += 1;
            if looked_at > MOST_NAMES || names.len() >= MOST_NAMES {
                break;
            }
            if let Some(pairs) = node.get::<Array<'_>>("Names") {
                let mut pairs = pairs.iter::<Object<'_>>();
                while let (Some(key), Some(value)) = (pairs.next(), pairs.next()) {
                    if let Object::String(key) = key
                        && names.len() < MOST_NAMES
                        && let Some(page) = self.direct(value)
                    {
                        names.insert(key.as_bytes().to_vec(), page);
                    }
                }
            }
            let Some(kids) = node.get::<Array<'_>>("Kids").filter(|_| depth < NAME_DEPTH) else {
                continue;
            };
            for kid in kids.iter::<Dict<'_>>().take(MOST_NAMES) {
                let new = kid.obj_id().is_none_or(|id| seen.insert(id));
                if new && open.len() < MOST_NAMES {
                    open.push((kid, depth + 1));
                }
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// A file of three pages (objects 11 to 13) whose catalog and further objects these are.
    #[track_caller]
    fn check(catalog: &str, objects: &str, expected: &Expect) {
        let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>endobj\n";
        let file = format!(
            "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/Outlines 3 0 R {catalog}>>endobj\n\
             2 0 obj<</Type/Pages/Count 3/Kids[11 0 R 12 0 R 13 0 R]>>endobj\n\
             11 0 obj{page}12 0 obj{page}13 0 obj{page}{objects}\ntrailer<</Root 1 0 R>>\n"
        );
        let pdf = Pdf::new(file.into_bytes()).expect("a small file of ours");
        let lines: Vec<String> = of(&pdf)
            .iter()
            .map(|s| format!("{}{} {}", "- ".repeat(s.level.into()), s.title, s.page))
            .collect();
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn destinations_of_all_kinds() {
        check(
            "/Dests<</old[13 0 R/Fit]>>/Names<</Dests<</Kids[30 0 R 30 0 R]>>>>",
            "3 0 obj<</First 4 0 R>>endobj\n\
             4 0 obj<</Title(Part \\(1\\))/First 5 0 R/Next 8 0 R>>endobj\n\
             5 0 obj<</Title(Direct)/Dest[12 0 R/XYZ 0 0 0]/Next 6 0 R>>endobj\n\
             6 0 obj<</Title(Named)/Dest(new)/Next 7 0 R>>endobj\n\
             7 0 obj<</Title(Action)/A<</S/GoTo/D/old>>>>endobj\n\
             8 0 obj<</Title(Counted)/Dest[0/Fit]/Next 9 0 R>>endobj\n\
             9 0 obj<</Title(Elsewhere)/A<</S/URI/URI(http://a.example/)>>/Next 10 0 R>>endobj\n\
             10 0 obj<</Title(  )/Dest[11 0 R]/Next 14 0 R>>endobj\n\
             14 0 obj<</Title(part2.html)/Dest[11 0 R]>>endobj\n\
             30 0 obj<</Names[(a)[11 0 R](new)<</D[13 0 R/Fit]>>]/Kids[30 0 R]>>endobj",
            &expect![[r"
                - Part (1) 2
                - - Direct 2
                - - Named 3
                - - Action 3
                - Counted 1"]],
        );
    }

    #[test]
    fn circles_end() {
        check(
            "",
            "3 0 obj<</First 4 0 R>>endobj\n\
             4 0 obj<</Title(A)/Dest[11 0 R]/First 4 0 R/Next 5 0 R>>endobj\n\
             5 0 obj<</Title(B)/Dest[99 0 R]/First 4 0 R/Next 4 0 R>>endobj",
            &expect!["- A 1"],
        );
        check("", "3 0 obj<</First 3 0 R>>endobj", &expect![""]);
        check("", "3 0 obj 12 endobj", &expect![""]);
    }
}
