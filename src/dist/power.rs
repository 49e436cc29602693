//! Powers of two and logarithms, from nothing but sums, products and quotients of floating point: the same bits on every
//! machine, which the system's, of one variant for each processor, do not promise.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2, LOG2_E};

/// A sum with 1.5 x 2^52 is rounded to its unit, which is 1, and its last bits count those units.
const SHIFT: f64 = 6_755_399_441_055_744.0;
/// The bits of a fraction, below those of the exponent; and the exponent of 1.
const FRACTION: u32 = 52;
const BIAS: u64 = 1023;
/// Between those, no power of two is too small or too large to be told in full.
const LEAST: f64 = -1022.0;
const MOST: f64 = 1023.0;

/// `2^x`, at most one unit in the last place off; beyond 1023 as of 1023, and below -1022 as of -1022, so that it is neither
/// infinite nor 0.
#[inline(always)]
pub(super) fn exp2(x: f64) -> f64 {
    // A branch that is never taken costs less than cutting, for which the power would have to wait.
    if (LEAST..=MOST).contains(&x) { exp2_within(x) } else { exp2_in_loop(x) }
}

/// The same without a branch, so that the compiler works out several at a time.
#[inline(always)]
pub(super) fn exp2_in_loop(x: f64) -> f64 {
    exp2_within(x.clamp(LEAST, MOST))
}

/// The power of the nearest whole number stands in the exponent. For what is left, at most a half, `(2^r - 1 - r ln 2) / r^2`
/// is interpolated by a polynomial at ten Chebyshev nodes, off by 2^-55 of the power at most. Its terms are added up in
/// groups, so that few of them wait for others (Estrin's scheme: Muller, *Elementary Functions*, 3rd ed. 2016, 5.6).
#[inline(always)]
fn exp2_within(x: f64) -> f64 {
    let shifted = x + SHIFT;
    let r = x - (shifted - SHIFT);
    let r2 = r * r;
    let r4 = r2 * r2;
    let low = (0.240_226_506_959_100_75 + r * 0.055_504_108_664_821_58)
        + r2 * (0.009_618_129_107_618_665 + r * 0.001_333_355_814_642_321_3);
    let middle = (1.540_353_042_477_652_9e-4 + r * 1.525_273_382_079_580_3e-5)
        + r2 * (1.321_545_163_322_143_4e-6 + r * 1.017_806_726_744_942_7e-7);
    let high = 7.070_977_866_508_138e-9 + r * 4.454_103_410_587_04e-10;
    let power = 1.0 + ((r * LN_2 + r2 * low) + r2 * r4 * (middle + r4 * high));
    f64::from_bits(power.to_bits().wrapping_add(shifted.to_bits() << FRACTION))
}

/// The logarithm to base 2 of a positive number that is not subnormal, at most three units in the last place off.
///
/// Of `2^k m` with m between the roots of 1/2 and 2 it is `k + (2 / ln 2) artanh s` with `s = (m - 1) / (m + 1)` (fdlibm's
/// e_log.c). What artanh has beyond s is interpolated as a polynomial in the square of s at seven Chebyshev nodes, off by
/// 2^-57 of s at most.
#[inline(always)]
pub(super) fn log2(x: f64) -> f64 {
    let root = FRAC_1_SQRT_2.to_bits();
    let above_root = x.to_bits().wrapping_add(BIAS << FRACTION).wrapping_sub(root);
    let exponent = f64::from_bits(SHIFT.to_bits() + (above_root >> FRACTION)) - (SHIFT + BIAS as f64);
    let m = f64::from_bits((above_root & ((1 << FRACTION) - 1)) + root);
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let (z2, s3) = (z * z, s * z);
    let z4 = z2 * z2;
    let low = (0.961_796_693_925_976 + z * 0.577_078_016_354_135_5)
        + z2 * (0.412_198_583_898_078 + z * 0.320_598_738_017_563_67);
    let high = (0.262_323_639_700_489_5 + z * 0.221_189_987_214_124) + z2 * 0.210_870_794_760_151_72;
    exponent + (s * (2.0 * LOG2_E) + (s3 * low + s3 * z4 * high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// The numbers of a uniform law on [-width, width], for some widths.
    fn arguments(widths: &[f64]) -> impl Iterator<Item = f64> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        widths
            .iter()
            .flat_map(|width| vec![*width; 200_000])
            .map(move |width| width * (2.0 * rng.random::<f64>() - 1.0))
    }

    /// The system's are off by hardly more than half a unit.
    #[test]
    fn powers_are_off_by_one_unit_at_most() {
        for x in arguments(&[1e-9, 1.0, 30.0, 1022.0]).chain([0.0, -0.0, 0.5, -0.5, 1.5, 10.0, LEAST, MOST]) {
            let (here, system) = (exp2(x), x.exp2());
            assert!(here.to_bits().abs_diff(system.to_bits()) <= 1, "{x}: {here:e}, not {system:e}");
            assert_eq!(here.to_bits(), exp2_in_loop(x).to_bits(), "{x}");
        }
    }

    #[test]
    fn powers_are_neither_infinite_nor_0() {
        for exp2 in [exp2, exp2_in_loop] {
            assert_eq!([-1022.1, -1e4, f64::MIN, f64::NEG_INFINITY].map(exp2), [f64::MIN_POSITIVE; 4]);
            assert_eq!([1023.1, 1e4, f64::MAX, f64::INFINITY].map(exp2), [2f64.powi(1023); 4]);
            assert!(exp2(f64::NAN).is_nan());
        }
    }

    #[test]
    fn logarithms_are_off_by_three_units_at_most() {
        let powers = arguments(&[1e-9, 1.0, 1000.0]).map(f64::exp2);
        for x in powers.chain([f64::MIN_POSITIVE, FRAC_1_SQRT_2, 2f64.sqrt(), 2.0, f64::MAX]) {
            let (here, system) = (log2(x), x.log2());
            assert!(here.to_bits().abs_diff(system.to_bits()) <= 3, "{x}: {here:e}, not {system:e}");
        }
        assert_eq!(log2(1.0), 0.0);
    }

    /// All machines have the same.
    #[test]
    fn bits_must_not_move_unnoticed() {
        let powers = [
            (-700.3, 1.5441661804159214e-211),
            (-20.25, 8.019413139855524e-7),
            (-0.7, 0.6155722066724582),
            (0.1, 1.0717734625362931),
            (7.5, 181.01933598375615),
            (300.9, 3.801243541734874e90),
        ];
        for (x, power) in powers {
            assert_eq!(exp2(x), power);
        }
        let logarithms = [
            (1e-17, -56.47277761308516),
            (0.7, -0.5145731728297585),
            (0.9, -0.15200309344504995),
            (1.3, 0.3785116232537299),
            (38.0, 5.247927513443585),
        ];
        for (x, logarithm) in logarithms {
            assert_eq!(log2(x), logarithm);
        }
    }
}
