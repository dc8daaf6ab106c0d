//! JSON as values of CEL, and back.
//!
//! The crate's own maps are hashed and walked in a random order, which would make `join` over one give another text
//! each time. [`Object`] walks in the order of its keys. It is shared, not copied, when a loop hands it on.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{self, Container, Indexer, Iterable, Sizer, Zeroer};
use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelMap, CelNull, CelOptional, CelString, CelUInt, MAP_TYPE, Type,
};
use cel::common::value::{CowVal, StaticVal, Val};
use serde_json::{Map, Value};

/// Fields that no expression sees, should a directory hand them over.
const SECRETS: [&str; 2] = ["hashFunction", "password"];

/// The user, as the value of the variable `user`.
pub(super) fn from_user(user: &Map<String, Value>) -> Box<dyn Val> {
    object(user, |name| !SECRETS.contains(&name))
}

/// A JSON value as a CEL value; a null inside an object is a field that is not there.
fn from_json(value: &Value) -> Box<dyn Val> {
    match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(value) => Box::new(CelBool::from(*value)),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), _, _) => Box::new(CelInt::from(number)),
            (None, Some(number), _) => Box::new(CelUInt::from(number)),
            (None, None, number) => Box::new(CelDouble::from(number.unwrap_or(f64::NAN))),
        },
        Value::String(text) => Box::new(CelString::from(text.clone())),
        Value::Array(items) => Box::new(CelList::from(items.iter().map(from_json).collect::<Vec<_>>())),
        Value::Object(fields) => object(fields, |_| true),
    }
}

fn object(fields: &Map<String, Value>, admits: fn(&str) -> bool) -> Box<dyn Val> {
    let shown = fields.iter().filter(|(name, value)| !value.is_null() && admits(name));
    let sorted: BTreeMap<&str, &Value> = shown.map(|(name, value)| (name.as_str(), value)).collect();
    let fields = sorted.into_iter().map(|(name, value)| (CelString::from(name.to_owned()), from_json(value)));
    Box::new(Object(fields.collect()))
}

/// The JSON of a result. What JSON cannot say is an error.
pub(super) fn to_json(value: &dyn Val) -> Result<Value, String> {
    if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        Ok(Value::from(text.inner()))
    } else if let Some(value) = value.downcast_ref::<CelBool>() {
        Ok(Value::from(*value.inner()))
    } else if let Some(number) = value.downcast_ref::<CelInt>() {
        Ok(Value::from(*number.inner()))
    } else if let Some(number) = value.downcast_ref::<CelUInt>() {
        Ok(Value::from(*number.inner()))
    } else if let Some(number) = value.downcast_ref::<CelDouble>() {
        let number = *number.inner();
        serde_json::Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| format!("the result is {number}"))
    } else if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        list.inner().iter().map(|item| to_json(item.as_ref())).collect::<Result<_, _>>().map(Value::Array)
    } else if let Some(object) = value.downcast_ref::<Object>() {
        let fields =
            object.0.iter().map(|(name, value)| Ok((name.inner().to_owned(), to_json(value.as_ref())?)));
        fields.collect::<Result<_, String>>().map(Value::Object)
    } else if let Some(map) = value.downcast_ref::<CelMap<'_>>() {
        literal_map(map).map(Value::Object)
    } else if let Some(optional) = value.downcast_ref::<CelOptional<'_>>() {
        optional.option().map_or(Ok(Value::Null), to_json)
    } else if value.downcast_ref::<CelNull>().is_some() {
        Ok(Value::Null)
    } else {
        Err(format!("the result is a {}, which no attribute can be", value.get_type().name()))
    }
}

/// A map that the expression itself wrote, `{"value": …}`, in the order of its keys.
fn literal_map(map: &CelMap<'_>) -> Result<Map<String, Value>, String> {
    let fields: BTreeMap<String, Value> = map
        .inner()
        .iter()
        .map(|(key, value)| {
            let name =
                key.inner().downcast_ref::<CelString<'_>>().ok_or("a key of the result is not a text")?;
            Ok((name.inner().to_owned(), to_json(value.as_ref())?))
        })
        .collect::<Result<_, String>>()?;
    Ok(fields.into_iter().collect())
}

/// A JSON object, its fields in the order of their names.
#[derive(Clone, Debug)]
struct Object(Arc<[(CelString<'static>, Box<dyn Val>)]>);

impl Object {
    fn find(&self, name: &dyn Val) -> Option<&(dyn Val + 'static)> {
        let name = name.downcast_ref::<CelString<'_>>()?.inner();
        let position = self.0.binary_search_by(|(known, _)| known.inner().cmp(name)).ok()?;
        Some(self.0[position].1.as_ref())
    }
}

impl StaticVal for Object {}

impl Val for Object {
    fn get_type(&self) -> &Type {
        <Self as Val>::cel_type()
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn as_zeroer(&self) -> Option<&dyn Zeroer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| {
            let pairs = self.0.iter().zip(other.0.iter());
            self.0.len() == other.0.len()
                && pairs
                    .into_iter()
                    .all(|(one, two)| one.0.inner() == two.0.inner() && one.1.equals(two.1.as_ref()))
        })
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl Container for Object {
    fn contains(&self, name: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.find(name).is_some())
    }
}

impl Indexer for Object {
    fn get<'b, 'v>(&'b self, name: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let Some(text) = name.downcast_ref::<CelString<'_>>() else {
            let got = name.get_type().name().to_owned();
            return Err(ExecutionError::UnexpectedType { got, want: "string".to_owned() });
        };
        self.find(name).map(CowVal::Borrowed).ok_or_else(|| ExecutionError::no_such_key(text.inner()))
    }

    fn steal<'v>(self: Box<Self>, name: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(name).map(CowVal::into_owned)
    }
}

impl Iterable for Object {
    fn iter<'b, 'v>(&'b self) -> Box<dyn traits::Iterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Names(self.0.iter()))
    }
}

struct Names<'b>(std::slice::Iter<'b, (CelString<'static>, Box<dyn Val>)>);

impl<'b, 'v> traits::Iterator<'b, 'v> for Names<'b> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|(name, _)| name as &dyn Val)
    }
}

impl Sizer for Object {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.0.len()).unwrap_or(i64::MAX))
    }
}

impl Zeroer for Object {
    fn is_zero_value(&self) -> bool {
        self.0.is_empty()
    }
}
