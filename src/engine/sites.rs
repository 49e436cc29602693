//! Sets of sites.

use crate::model::SiteId;

/// Which sites; there are at most [`crate::model::MAX_SITES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sites(u64);

impl Sites {
    pub(super) const NONE: Sites = Sites(0);

    /// The first `count`.
    pub(super) fn first(count: usize) -> Sites {
        (0..count).map(SiteId).collect()
    }

    #[inline]
    pub(super) fn has(self, site: SiteId) -> bool {
        self.0 >> site.0 & 1 == 1
    }

    #[inline]
    pub(super) fn put(&mut self, site: SiteId, is_in: bool) {
        self.0 = self.0 & !(1 << site.0) | u64::from(is_in) << site.0;
    }

    /// Those that are also in `other`.
    #[inline]
    pub(super) fn and(self, other: Sites) -> Sites {
        Sites(self.0 & other.0)
    }

    /// Those that are not in `other`.
    #[inline]
    pub(super) fn without(self, other: Sites) -> Sites {
        Sites(self.0 & !other.0)
    }

    /// Those that are in either.
    #[inline]
    pub(super) fn or(self, other: Sites) -> Sites {
        Sites(self.0 | other.0)
    }

    /// The first in the order of the scenario.
    #[inline]
    pub(super) fn first_of(mut self) -> Option<SiteId> {
        self.next()
    }

    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<SiteId> for Sites {
    fn from_iter<I: IntoIterator<Item = SiteId>>(sites: I) -> Sites {
        sites.into_iter().fold(Sites::NONE, |set, site| Sites(set.0 | 1 << site.0))
    }
}

/// In the order of the scenario.
impl Iterator for Sites {
    type Item = SiteId;
    #[inline]
    fn next(&mut self) -> Option<SiteId> {
        (self.0 != 0).then(|| {
            let site = self.0.trailing_zeros() as usize;
            self.0 &= self.0 - 1;
            SiteId(site)
        })
    }
}
