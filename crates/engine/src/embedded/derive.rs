//! Merged row, captures of the address and anchors of a document: what its index entry is made
//! from, read from the store.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use model::address::{Host, Surt};
use model::document::{DocumentId, Key};
use xxhash_rust::xxh3::xxh3_64;

use super::packing::address_hash;
use super::store::Rows;
use crate::EngineError;
use crate::entry::{Anchors, Entry, History, Inputs, surt_of};

/// Captures of addresses that are remembered for their other states, in all.
const REMEMBERED: usize = 1 << 18;

/// An address with fewer captures is read again.
const MANY: usize = 16;

/// Makes entries; what the states of an address share is read once.
pub(super) struct Deriving<'a> {
    rows: Rows<'a>,
    /// By address and linked site.
    shared: HashMap<(String, String), Shared>,
    remembered: usize,
}

/// What the states of an address share.
type Shared = Rc<(History, Anchors)>;

/// An entry, with what is noted of it in the store.
pub(super) struct Derived {
    pub(super) entry: Entry,
    /// What `document.anchors` holds: a hash of what links say, then one of what captures say.
    pub(super) noted: Vec<u8>,
}

impl<'a> Deriving<'a> {
    pub(super) fn new(rows: Rows<'a>) -> Self {
        Self {
            rows,
            shared: HashMap::new(),
            remembered: 0,
        }
    }

    /// The entry of a document; `None` for one that is no more.
    pub(super) fn entry(&mut self, id: DocumentId) -> Result<Option<Derived>, EngineError> {
        let Some(row) = self.rows.document_row(id)? else {
            return Ok(None);
        };
        let document = self.rows.body(row.body)?;
        let (collections, times) = self.said(id, &document.key)?;
        let shared = match surt_of(&document.key) {
            Some(surt) => self.shared(surt, Host::of(&document.url).site())?,
            None => Shared::default(),
        };
        let (history, anchors) = &*shared;
        let entry = Entry::new(&Inputs {
            document: &document,
            captured: row.captured,
            collections: &collections,
            times: &times,
            history,
            anchors,
        });
        let noted = [anchors_hash(anchors), history.hash(id)].concat();
        Ok(Some(Derived { entry, noted }))
    }

    /// Collections and times of what was said of a document.
    fn said(
        &self,
        id: DocumentId,
        key: &Key,
    ) -> Result<(BTreeSet<String>, BTreeSet<i64>), EngineError> {
        let (mut collections, mut times) = (BTreeSet::new(), BTreeSet::new());
        for row in self.rows.contributions(id)? {
            collections.insert(row.collection);
            times.insert(row.captured.0);
        }
        if matches!(key, Key::Thread { .. }) {
            for (collection, captured) in self.rows.parts_seen(id)? {
                collections.insert(collection);
                times.insert(captured.0);
            }
        }
        Ok((collections, times))
    }

    fn shared(&mut self, surt: &Surt, site: &str) -> Result<Shared, EngineError> {
        let key = (surt.0.clone(), site.to_owned());
        if let Some(known) = self.shared.get(&key) {
            return Ok(Rc::clone(known));
        }
        let captures = self.rows.captures_at(address_hash(&surt.0))?;
        let anchors = self.rows.anchors(surt, site)?;
        let shared = Rc::new((History::of(&captures), anchors));
        if captures.len() >= MANY {
            self.remembered += captures.len();
            if self.remembered > REMEMBERED {
                self.shared.clear();
                self.remembered = captures.len();
            }
            self.shared.insert(key, Rc::clone(&shared));
        }
        Ok(shared)
    }
}

/// Two anchors with one hash say the same.
pub(super) fn anchors_hash(anchors: &Anchors) -> [u8; 8] {
    let mut text = anchors.texts.join("\n");
    text.push_str(&format!("\n{}", anchors.linking_sites));
    xxh3_64(text.as_bytes()).to_be_bytes()
}
