//! Base64 as Go's `base64.StdEncoding` takes it: line breaks are skipped, padding is required.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// Bits that padding leaves over may be set, as Go does not look at them.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let joined: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    LENIENT.decode(joined).ok()
}

/// In lines of 70 characters, each ended, where one line is not enough.
pub(super) fn encode_lines(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    if encoded.len() < LINE {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / LINE + 1);
    for (index, character) in encoded.chars().enumerate() {
        lines.push(character);
        if index % LINE == LINE - 1 || index + 1 == encoded.len() {
            lines.push('\n');
        }
    }
    lines
}
