//! The XMP packet (ISO 16684-1): the properties that say what the document is.

use encoding_rs::{UTF_16BE, UTF_16LE};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::text::folded;

/// Packets beyond this size carry something else (thumbnails, histories).
const PACKET_BYTES: usize = 4 << 20;
/// Deeper elements end the reading.
const DEPTH: usize = 64;
/// Characters of one value; more are left out.
const VALUE_BYTES: usize = 8 << 10;
/// Values of one property.
const MOST_VALUES: usize = 50;

/// The properties as they stand, white space folded, in the order of the packet.
#[derive(Debug, Default)]
pub(super) struct Xmp {
    /// `dc:title`, the default language first.
    pub(super) titles: Vec<String>,
    /// `dc:creator`.
    pub(super) authors: Vec<String>,
    /// `dc:description`.
    pub(super) descriptions: Vec<String>,
    /// `dc:language`.
    pub(super) languages: Vec<String>,
    /// `prism:publicationDate`, `prism:coverDate`.
    pub(super) published: Vec<String>,
    /// `xmp:CreateDate`.
    pub(super) created: Vec<String>,
    /// `xmp:ModifyDate`.
    pub(super) modified: Vec<String>,
    /// `pdf:Producer`, `xmp:CreatorTool`.
    pub(super) tools: Vec<String>,
}

impl Xmp {
    /// The values of a property by its usual name. Packets are written by a handful of libraries,
    /// all of which use these prefixes (`xap` before 2005), so that namespaces are not resolved.
    fn values(&mut self, property: &str) -> Option<&mut Vec<String>> {
        Some(match property {
            "dc:title" => &mut self.titles,
            "dc:creator" => &mut self.authors,
            "dc:description" => &mut self.descriptions,
            "dc:language" => &mut self.languages,
            "prism:publicationDate" | "prism:coverDate" => &mut self.published,
            "xmp:CreateDate" | "xap:CreateDate" => &mut self.created,
            "xmp:ModifyDate" | "xap:ModifyDate" => &mut self.modified,
            "pdf:Producer" | "xmp:CreatorTool" | "xap:CreatorTool" => &mut self.tools,
            _ => return None,
        })
    }

    fn add(&mut self, property: &str, value: &str, first: bool) {
        let Some(values) = self.values(property) else {
            return;
        };
        if let Some(value) = folded(value)
            && values.len() < MOST_VALUES
            && !values.contains(&value)
        {
            let at = if first { 0 } else { values.len() };
            values.insert(at, value);
        }
    }

    fn add_attributes(&mut self, element: &BytesStart<'_>) {
        for attribute in element.attributes().take(100).flatten() {
            if let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0)
                && value.len() <= VALUE_BYTES
            {
                self.add(attribute.key.as_ref(), &value, false);
            }
        }
    }
}

/// Reads a packet as far as it is well formed. Entities other than XML's own are left out.
pub(super) fn read(packet: &[u8]) -> Xmp {
    let packet = packet.get(..PACKET_BYTES).unwrap_or(packet);
    let text = match packet {
        [0xfe, 0xff, ..] => UTF_16BE.decode(packet).0,
        [0xff, 0xfe, ..] => UTF_16LE.decode(packet).0,
        _ => String::from_utf8_lossy(packet),
    };
    let mut reader = Reader::from_str(&text);
    let mut found = Xmp::default();
    // Names of the open elements.
    let mut open: Vec<String> = Vec::new();
    // The property being read, the depth at which it stands, its text so far.
    let mut property: Option<(String, usize)> = None;
    let mut value = String::new();
    let mut is_default = false;
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(element) => {
                let name: &str = element.name().0;
                if is_description(&open, name) {
                    found.add_attributes(&element);
                } else if open.last().is_some_and(|last| last == "rdf:Description")
                    && is_description_of_document(&open)
                {
                    property = Some((name.to_owned(), open.len()));
                }
                if property.is_some() {
                    value.clear();
                    is_default = element.attributes().take(20).flatten().any(|attribute| {
                        attribute.key.as_ref() == "xml:lang" && attribute.value == "x-default"
                    });
                }
                open.push(name.to_owned());
                if open.len() > DEPTH {
                    break;
                }
            }
            Event::Empty(element) if is_description(&open, element.name().0) => {
                found.add_attributes(&element);
            }
            Event::End(_) => {
                open.pop();
                if let Some((name, depth)) = &property {
                    // A list entry, or the value of the property itself; nothing nested deeper.
                    if open.len() <= depth + 2 {
                        found.add(name, &value, is_default);
                    }
                    value.clear();
                    if open.len() <= *depth {
                        property = None;
                    }
                }
            }
            Event::Text(text) if property.is_some() => push(&mut value, &text.xml10_content()),
            Event::CData(text) if property.is_some() => push(&mut value, &text.xml10_content()),
            Event::GeneralRef(entity) if property.is_some() => {
                if let Ok(Some(c)) = entity.resolve_char_ref() {
                    push(&mut value, c.encode_utf8(&mut [0; 4]));
                } else {
                    push(&mut value, predefined(&entity.xml10_content()));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    found
}

/// Whether an element that begins below `open` describes the document, not a part of it.
fn is_description(open: &[String], name: &str) -> bool {
    name == "rdf:Description" && open.last().is_some_and(|last| last == "rdf:RDF")
}

fn is_description_of_document(open: &[String]) -> bool {
    open.len() >= 2
        && open
            .get(open.len() - 2)
            .is_some_and(|name| name == "rdf:RDF")
}

fn push(value: &mut String, text: &str) {
    if value.len() + text.len() <= VALUE_BYTES {
        value.push_str(text);
    }
}

fn predefined(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(body: &str, expected: &str) {
        let packet = format!(
            "<?xpacket begin='\u{feff}' id='x'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>{body}"
        );
        let xmp = read(packet.as_bytes());
        let all = [
            xmp.titles,
            xmp.authors,
            xmp.languages,
            xmp.created,
            xmp.tools,
        ];
        let all: Vec<String> = all.iter().map(|values| values.join(";")).collect();
        assert_eq!(all.join("|"), expected);
    }

    #[test]
    fn elements_and_attributes() {
        check(
            "<rdf:Description rdf:about='' xmp:CreateDate='2019-03-12T10:00:00+01:00'
               pdf:Producer='Press &amp; Co'><dc:title><rdf:Alt>
             <rdf:li xml:lang='de'>Hafengeb\u{fc}hren</rdf:li>
             <rdf:li xml:lang='x-default'>Port&#32;dues &amp;
               fees</rdf:li></rdf:Alt></dc:title>
             <dc:creator><rdf:Seq><rdf:li>Ada Low</rdf:li><rdf:li>Ben High</rdf:li></rdf:Seq></dc:creator>
             <dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language></rdf:Description>",
            "Port dues & fees;Hafengebühren|Ada Low;Ben High|en|2019-03-12T10:00:00+01:00|Press & Co",
        );
        check(
            "<rdf:Description><xap:CreateDate>2004</xap:CreateDate></rdf:Description>\
             <rdf:Description dc:title='T'/>",
            "T|||2004|",
        );
    }

    #[test]
    fn what_describes_a_part_is_left_out() {
        check(
            "<rdf:Description><xmpMM:Pantry><rdf:Bag><rdf:li><rdf:Description>\
             <dc:title>Picture</dc:title></rdf:Description></rdf:li></rdf:Bag></xmpMM:Pantry>\
             <dc:title>&unknown;T</dc:title></rdf:Description>",
            "T||||",
        );
        check(&"<a>".repeat(100_000), "||||");
        check("<rdf:Description><dc:title>cut", "||||");
    }

    proptest! {
        #[test]
        fn any_packet_is_read(packet in "(<rdf:RDF>|<rdf:Description>|</?dc:title>|<rdf:li>|&#?[a-z0-9]*;|\\PC){0,40}") {
            let _found = read(packet.as_bytes());
        }
    }
}
