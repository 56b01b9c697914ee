//! Ours as columns of a database: an id is a uuid there, a time its microseconds, a revision its number, a word its text.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};
use uuid::Uuid;

use crate::{Id, Revision, Timestamp};

/// `column!(T as S: write, read)`: a `T` is stored as an `S`; what is stored may be no `T`.
macro_rules! column {
    ($(@$parameter:ident)? $ours:ty as $stored:ty: $write:expr, $read:expr) => {
        impl<$($parameter,)? DB: Database> Type<DB> for $ours
        where
            $stored: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <$stored>::type_info()
            }

            fn compatible(given: &DB::TypeInfo) -> bool {
                <$stored>::compatible(given)
            }
        }

        impl<'q, $($parameter,)? DB: Database> Encode<'q, DB> for $ours
        where
            $stored: Encode<'q, DB>,
        {
            fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let write: fn(&Self) -> $stored = $write;
                <$stored as Encode<'q, DB>>::encode(write(self), buffer)
            }
        }

        impl<'r, $($parameter,)? DB: Database> Decode<'r, DB> for $ours
        where
            $stored: Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let read: fn($stored) -> Result<Self, BoxDynError> = $read;
                read(<$stored>::decode(value)?)
            }
        }
    };
}

column!(@T Id<T> as Uuid: |id| id.uuid(), |uuid| Ok(Id::new(uuid)));
column!(Timestamp as i64: |at| at.micros(), |micros| Ok(Timestamp::from_micros(micros)));
column!(Revision as i64: |revision| revision.number().into(), |number| Ok(Revision::new(number.try_into()?)));

// Of any network: which one it was typed for is known where it is typed.
column!(crate::Login as String: ToString::to_string, |text| Ok(crate::Login::of_headscale(&text)?));

/// What has a text form of its own is stored as that.
macro_rules! texts {
    ($($ours:ty),+ $(,)?) => {$(
        column!($ours as String: ToString::to_string, |text| Ok(text.parse()?));
    )+};
}

texts!(
    crate::AskAnswer,
    crate::Audience,
    crate::Channel,
    crate::DeclaredTo,
    crate::EditKind,
    crate::GuestWay,
    crate::host::Held,
    crate::HeardAs,
    crate::HeardKind,
    crate::host::Hold,
    crate::JobKind,
    crate::JoinPort,
    crate::JoiningState,
    crate::NoticeKind,
    crate::ObjectKind,
    crate::PlaneKind,
    crate::ServiceKind,
    crate::ServicePorts,
    crate::Standing,
    crate::Step,
    crate::StepPhase,
    crate::UnmanagedKind,
    crate::Wished,
);
