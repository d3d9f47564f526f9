//! How large does a volume become that is asked for, and when is that refused? Decided without looking at a disk.
use tonic::Status;

use crate::limits::Limits;
use crate::messages::CapacityRange;

/// The least that the file system takes.
const LEAST: u64 = 16 << 20;
/// Sizes are multiples of this.
const STEP: u64 = 1 << 20;

/// The capacity for what is asked, in a class with `limits` whose pool's other volumes take `taken` already.
pub(crate) fn capacity(range: CapacityRange, limits: &Limits, taken: u64) -> Result<u64, Status> {
    let asked = |bytes: i64| u64::try_from(bytes).map_err(|_| Status::invalid_argument(format!("{bytes} bytes is not a size")));
    let (required, limit) = (asked(range.required_bytes)?, asked(range.limit_bytes)?);
    let size = required.max(LEAST).next_multiple_of(STEP);
    if limit != 0 && size > limit {
        return Err(Status::out_of_range(format!("the next size that is possible, {size} bytes, is above the limit of {limit} bytes")));
    }
    if let Some(max) = limits.max_size.filter(|max| size > *max) {
        return Err(Status::out_of_range(format!("{size} bytes are more than the {max} bytes that a volume of this class may have")));
    }
    if let Some(pool) = limits.pool.as_ref().filter(|pool| taken.saturating_add(size) > pool.size) {
        let left = pool.size.saturating_sub(taken);
        return Err(Status::resource_exhausted(format!("pool {} has {left} bytes left, too few for {size} bytes", pool.name)));
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Pool;
    use tonic::Code;

    fn asked(required: i64, limit: i64) -> CapacityRange {
        CapacityRange { required_bytes: required, limit_bytes: limit }
    }

    fn code(range: CapacityRange, limits: &Limits, taken: u64) -> Code {
        capacity(range, limits, taken).unwrap_err().code()
    }

    #[test]
    fn a_volume_has_at_least_what_was_asked() {
        let free = Limits::default();
        assert_eq!(capacity(asked(0, 0), &free, 0).unwrap(), LEAST);
        assert_eq!(capacity(asked(64 << 20, 0), &free, 0).unwrap(), 64 << 20);
        assert_eq!(capacity(asked((64 << 20) + 1, 0), &free, 0).unwrap(), 65 << 20);
    }

    #[test]
    fn what_no_volume_may_have_is_out_of_range() {
        let limits = Limits { max_size: Some(64 << 20), pool: None };
        assert!(capacity(asked(64 << 20, 0), &limits, 0).is_ok());
        assert_eq!(code(asked(65 << 20, 0), &limits, 0), Code::OutOfRange);
        assert_eq!(code(asked(1, 1 << 20), &Limits::default(), 0), Code::OutOfRange);
        assert_eq!(code(asked(-1, 0), &Limits::default(), 0), Code::InvalidArgument);
    }

    #[test]
    fn a_full_pool_is_exhausted() {
        let limits = Limits { max_size: None, pool: Some(Pool { name: "small".into(), size: 100 << 20 }) };
        assert!(capacity(asked(50 << 20, 0), &limits, 50 << 20).is_ok());
        assert_eq!(code(asked(51 << 20, 0), &limits, 50 << 20), Code::ResourceExhausted);
    }
}
