//! The index: what tantivy holds of an entry, and how entries reach it.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use model::capture::Interval;
use model::document::{DocumentId, Kind};
use model::hit::Head;
use model::record::Digest;
use model::time::{PartialDate, UnixSeconds};
use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::index::SegmentComponent;
use tantivy::indexer::LogMergePolicy;
use tantivy::schema::document::{ReferenceValue, ReferenceValueLeaf};
use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{BoxTokenStream, TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{Index, IndexSettings, IndexWriter, TantivyError, Term};
use xxhash_rust::xxh3::xxh3_64;

use super::fixed::FixedDirectory;
use crate::entry::{Entry, Terms, kind_number, plain_language, terms};
use crate::terms::TextField;

/// Bytes of a block of heads: a page of results reads some hundred at random.
const HEAD_BLOCK_BYTES: usize = 4096;

/// Entries on their way to tantivy's thread hold no more than this. Its own queue counts in
/// documents, and one may have a thousand pages.
const IN_FLIGHT_BYTES: usize = 64 << 20;

/// Segments with more deleted documents than this share are merged; tantivy's own default never
/// merges for deletes.
const DELETED_SHARE: f32 = 0.2;

const TOKENIZER: &str = "stream";

/// The fields of the index.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub(super) id: Field,
    pub(super) texts: [Field; 6],
    pub(super) tags: Field,
    pub(super) head: Field,
    id_high: Field,
    id_low: Field,
    address: Field,
    since: Field,
    kind: Field,
    day: Field,
    duration: Field,
    seen: Field,
    held: Field,
    title_length: Field,
    length: Field,
    ends: Field,
    language: Field,
    site: Field,
    collection: Field,
}

impl Fields {
    pub(super) fn new() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(TOKENIZER)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default().set_indexing_options(indexing);
        let fast = NumericOptions::default().set_fast();
        let name = TextOptions::default().set_fast("raw");
        let fields = Self {
            id: schema.add_bytes_field("id", BytesOptions::default().set_indexed()),
            texts: [
                "search",
                "exact",
                "anchor",
                "anchor_exact",
                "address_words",
                "author",
            ]
            .map(|field| schema.add_text_field(field, text.clone())),
            tags: schema.add_u64_field("tags", NumericOptions::default().set_indexed()),
            head: schema.add_bytes_field("head", BytesOptions::default().set_stored()),
            id_high: schema.add_u64_field("id_high", fast.clone()),
            id_low: schema.add_u64_field("id_low", fast.clone()),
            address: schema.add_u64_field("address", fast.clone()),
            since: schema.add_i64_field("since", fast.clone()),
            kind: schema.add_u64_field("kind", fast.clone()),
            day: schema.add_i64_field("day", fast.clone()),
            duration: schema.add_u64_field("duration", fast.clone()),
            seen: schema.add_i64_field("seen", fast.clone()),
            held: schema.add_i64_field("held", fast.clone()),
            title_length: schema.add_u64_field("title_length", fast.clone()),
            length: schema.add_u64_field("length", fast.clone()),
            ends: schema.add_u64_field("ends", fast),
            language: schema.add_text_field("language", name.clone()),
            site: schema.add_text_field("site", name.clone()),
            collection: schema.add_text_field("collection", name),
        };
        (schema.build(), fields)
    }

    pub(super) fn text(&self, field: TextField) -> Field {
        let [search, exact, anchor, anchor_exact, address, author] = self.texts;
        match field {
            TextField::Search => search,
            TextField::Exact => exact,
            TextField::Anchor => anchor,
            TextField::AnchorExact => anchor_exact,
            TextField::Address => address,
            TextField::Author => author,
        }
    }
}

/// Creates an index in a folder that holds none.
pub(super) fn create(folder: &Path) -> Result<Index, TantivyError> {
    let (schema, _) = Fields::new();
    let settings = IndexSettings {
        docstore_blocksize: HEAD_BLOCK_BYTES,
        ..IndexSettings::default()
    };
    let index = Index::builder()
        .schema(schema)
        .settings(settings)
        .create_in_dir(folder)?;
    register(&index);
    Ok(index)
}

/// Opens an index; one with another schema is an error.
pub(super) fn open(folder: &Path) -> Result<Index, TantivyError> {
    checked(Index::open_in_dir(folder)?)
}

/// Opens an index in a folder that cannot be written.
pub(super) fn open_fixed(folder: &Path) -> Result<Index, TantivyError> {
    checked(Index::open(FixedDirectory(MmapDirectory::open(folder)?))?)
}

fn checked(index: Index) -> Result<Index, TantivyError> {
    let (schema, _) = Fields::new();
    if index.schema() != schema {
        return Err(TantivyError::SchemaError("made by another version".into()));
    }
    register(&index);
    Ok(index)
}

fn register(index: &Index) {
    let analyzer = TextAnalyzer::builder(StreamTokenizer).build();
    index.tokenizers().register(TOKENIZER, analyzer);
}

/// The commit of the store that an index holds; 0 for one that was just created.
pub(super) fn held_commit(index: &Index) -> Result<u64, TantivyError> {
    let payload = index.load_metas()?.payload;
    match payload.map(|payload| payload.parse()) {
        None => Ok(0),
        Some(Ok(n)) => Ok(n),
        Some(Err(_)) => Err(TantivyError::InternalError("no commit number".into())),
    }
}

/// Fails where a file of a segment is missing or empty: some are only missed when they are read.
pub(super) fn find_files(index: &Index, folder: &Path) -> Result<(), TantivyError> {
    for segment in index.searchable_segment_metas()? {
        for component in [
            SegmentComponent::Postings,
            SegmentComponent::Positions,
            SegmentComponent::FastFields,
            SegmentComponent::FieldNorms,
            SegmentComponent::Terms,
            SegmentComponent::Store,
        ] {
            let path = folder.join(segment.relative_path(component));
            if std::fs::metadata(&path)?.len() == 0 {
                let reason = format!("`{}` is empty", path.display());
                return Err(TantivyError::InternalError(reason));
            }
        }
    }
    Ok(())
}

/// Opens a writer with one thread, so that documents keep their order.
pub(super) fn writer(
    index: &Index,
    memory_bytes: usize,
) -> Result<IndexWriter<EntryDocument>, TantivyError> {
    // Below 15 MB tantivy refuses.
    let writer = index.writer_with_num_threads(1, memory_bytes.max(15_000_000))?;
    set_policy(&writer);
    Ok(writer)
}

/// Sets the merge policy, also after an abort, which resets it.
pub(super) fn set_policy(writer: &IndexWriter<EntryDocument>) {
    let mut policy = LogMergePolicy::default();
    policy.set_del_docs_ratio_before_merge(DELETED_SHARE);
    writer.set_merge_policy(Box::new(policy));
}

/// The term that deletes a document.
pub(super) fn id_term(fields: &Fields, id: DocumentId) -> Term {
    Term::from_field_bytes(fields.id, &id.0)
}

/// Reads the encoded streams of an entry.
#[derive(Clone)]
struct StreamTokenizer;

impl Tokenizer for StreamTokenizer {
    type TokenStream<'a> = StreamTokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> StreamTokens<'a> {
        StreamTokens {
            terms: terms(text),
            token: Token::default(),
        }
    }
}

struct StreamTokens<'a> {
    terms: Terms<'a>,
    token: Token,
}

impl TokenStream for StreamTokens<'_> {
    fn advance(&mut self) -> bool {
        let Some((position, term)) = self.terms.next() else {
            return false;
        };
        self.token.text.clear();
        self.token.text.push_str(term);
        self.token.position = position as usize;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

impl<'a> From<StreamTokens<'a>> for BoxTokenStream<'a> {
    fn from(tokens: StreamTokens<'a>) -> Self {
        BoxTokenStream::new(tokens)
    }
}

/// Bytes on their way to tantivy.
#[derive(Default)]
pub(super) struct InFlight {
    bytes: Mutex<usize>,
    less: Condvar,
}

impl InFlight {
    /// Waits until there is room; one entry passes whatever its size.
    fn take(self: &Arc<Self>, bytes: usize) -> Permit {
        let mut held = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        while *held > 0 && *held + bytes > IN_FLIGHT_BYTES {
            held = self.less.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        *held += bytes;
        Permit {
            of: Arc::clone(self),
            bytes,
        }
    }
}

struct Permit {
    of: Arc<InFlight>,
    bytes: usize,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut held = self.of.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        *held = held.saturating_sub(self.bytes);
        self.of.less.notify_all();
    }
}

/// An entry as tantivy reads it: borrowed values, nothing passes through JSON.
pub(super) struct EntryDocument {
    fields: Fields,
    entry: Entry,
    head: Vec<u8>,
    language: String,
    _permit: Permit,
}

impl EntryDocument {
    /// Waits until there is room for it.
    pub(super) fn new(
        fields: Fields,
        entry: Entry,
        in_flight: &Arc<InFlight>,
    ) -> Result<Self, serde_json::Error> {
        let head = serde_json::to_vec(&HeadRow::of(&entry.head))?;
        let texts = TextField::ALL
            .iter()
            .map(|field| entry.stream(*field).as_str().len());
        let bytes = texts.sum::<usize>() + head.len();
        Ok(Self {
            fields,
            language: plain_language(&entry.head),
            entry,
            head,
            _permit: in_flight.take(bytes),
        })
    }

    fn values(&self) -> Vec<(Field, EntryValue<'_>)> {
        use EntryValue::{Bytes, I64, Str, U64};
        let (fields, entry) = (&self.fields, &self.entry);
        let id = &entry.id.0;
        let (high, low) = id_halves(entry.id);
        let mut values = vec![
            (fields.id, Bytes(id)),
            (fields.head, Bytes(&self.head)),
            (fields.id_high, U64(high)),
            (fields.id_low, U64(low)),
            (fields.address, U64(xxh3_64(entry.address_key.as_bytes()))),
            (fields.since, I64(entry.since)),
            (fields.kind, U64(kind_number(entry.head.kind))),
            (fields.title_length, U64(u64::from(entry.title_length))),
            (fields.length, U64(u64::from(entry.head.length))),
            (fields.language, Str(&self.language)),
            (fields.site, Str(&entry.site)),
        ];
        for field in TextField::ALL {
            values.push((fields.text(field), Str(entry.stream(field).as_str())));
        }
        values.extend(entry.tags.iter().map(|&tag| (fields.tags, U64(tag))));
        values.extend(entry.day.map(|day| (fields.day, I64(day))));
        let duration = entry.duration.map(u64::from);
        values.extend(duration.map(|seconds| (fields.duration, U64(seconds))));
        values.extend(entry.seen.iter().map(|&seen| (fields.seen, I64(seen))));
        for interval in &entry.held {
            values.push((fields.held, I64(interval.from.0)));
            values.push((
                fields.held,
                I64(interval.until.map_or(i64::MAX, |until| until.0)),
            ));
        }
        let ends = entry.passage_ends.iter();
        values.extend(ends.map(|&end| (fields.ends, U64(u64::from(end)))));
        let collections = entry.collections.iter();
        values.extend(collections.map(|name| (fields.collection, Str(name))));
        values
    }
}

/// An id as two numbers that order as it does.
pub(super) fn id_halves(id: DocumentId) -> (u64, u64) {
    let whole = u128::from_be_bytes(id.0);
    ((whole >> 64) as u64, whole as u64)
}

/// The id of two halves.
pub(super) fn id_of_halves(high: u64, low: u64) -> DocumentId {
    DocumentId((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
}

impl tantivy::Document for EntryDocument {
    type Value<'a> = EntryValue<'a>;
    type FieldsValuesIter<'a> = std::vec::IntoIter<(Field, EntryValue<'a>)>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.values().into_iter()
    }
}

/// A value of an entry.
#[derive(Clone, Copy, Debug)]
pub(super) enum EntryValue<'a> {
    Str(&'a str),
    U64(u64),
    I64(i64),
    Bytes(&'a [u8]),
}

impl<'a> tantivy::schema::Value<'a> for EntryValue<'a> {
    type ArrayIter = std::iter::Empty<Self>;
    type ObjectIter = std::iter::Empty<(&'a str, Self)>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        ReferenceValue::Leaf(match *self {
            Self::Str(text) => ReferenceValueLeaf::Str(text),
            Self::U64(number) => ReferenceValueLeaf::U64(number),
            Self::I64(number) => ReferenceValueLeaf::I64(number),
            Self::Bytes(bytes) => ReferenceValueLeaf::Bytes(bytes),
        })
    }
}

/// A head as it is stored with an entry.
#[derive(Serialize, Deserialize)]
pub(super) struct HeadRow {
    kind: Kind,
    url: String,
    title: String,
    language: Option<String>,
    published: Option<PartialDate>,
    modified: Option<PartialDate>,
    captured: i64,
    canonical: Option<String>,
    digest: Option<Digest>,
    sketch: Option<u64>,
    length: u32,
    passages: u32,
    linking_sites: u8,
    held: Vec<(i64, Option<i64>)>,
    newest: bool,
}

impl HeadRow {
    fn of(head: &Head) -> Self {
        let held = head.held.iter();
        Self {
            kind: head.kind,
            url: head.url.clone(),
            title: head.title.clone(),
            language: head.language.clone(),
            published: head.published,
            modified: head.modified,
            captured: head.captured.0,
            canonical: head.canonical.clone(),
            digest: head.digest,
            sketch: head.sketch,
            length: head.length,
            passages: head.passages,
            linking_sites: head.linking_sites,
            held: held
                .map(|held| (held.from.0, held.until.map(|until| until.0)))
                .collect(),
            newest: head.newest,
        }
    }

    pub(super) fn head(self) -> Head {
        let held = self.held.into_iter().map(|(from, until)| Interval {
            from: UnixSeconds(from),
            until: until.map(UnixSeconds),
        });
        Head {
            kind: self.kind,
            url: self.url,
            title: self.title,
            language: self.language,
            published: self.published,
            modified: self.modified,
            captured: UnixSeconds(self.captured),
            canonical: self.canonical,
            digest: self.digest,
            sketch: self.sketch,
            length: self.length,
            passages: self.passages,
            linking_sites: self.linking_sites,
            held: held.collect(),
            newest: self.newest,
        }
    }
}
