//! Names of Unicode classes that Go knows in `\p{…}`.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::super::runes;

/// Categories and scripts, as Go's lookup leaves them: a capital, then small letters, and no underscores. Scripts whose
/// Unicode name has two words are unknown to Go's lookup, and so they are here.
const SCRIPTS: &str = " Adlam Ahom Arabic Armenian Avestan Balinese Bamum Batak Bengali Bhaiksuki Bopomofo Brahmi \
    Braille Buginese Buhid Carian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cyrillic Deseret \
    Devanagari Dogra Duployan Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gurmukhi Han \
    Hangul Hanunoo Hatran Hebrew Hiragana Inherited Javanese Kaithi Kannada Katakana Kawi Kharoshthi Khmer Khojki \
    Khudawadi Lao Latin Lepcha Limbu Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen \
    Medefaidrin Miao Modi Mongolian Mro Multani Myanmar Nabataean Nandinagari Newa Nko Nushu Ogham Oriya Osage Osmanya \
    Palmyrene Phoenician Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham Sinhala Sogdian Soyombo Sundanese \
    Syriac Tagalog Tagbanwa Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai \
    Vithkuqi Wancho Yezidi Yi ";

/// With the long names of Unicode, without their underscores.
const CATEGORIES: &[(&str, &str)] = &[
    ("C", "Other"),
    ("Cc", "Control"),
    ("Cc", "Cntrl"),
    ("Cf", "Format"),
    ("Cn", "Unassigned"),
    ("Co", "Privateuse"),
    ("Cs", "Surrogate"),
    ("L", "Letter"),
    ("LC", "Casedletter"),
    ("LC", "Lc"),
    ("Ll", "Lowercaseletter"),
    ("Lm", "Modifierletter"),
    ("Lo", "Otherletter"),
    ("Lt", "Titlecaseletter"),
    ("Lu", "Uppercaseletter"),
    ("M", "Mark"),
    ("M", "Combiningmark"),
    ("Mc", "Spacingmark"),
    ("Me", "Enclosingmark"),
    ("Mn", "Nonspacingmark"),
    ("N", "Number"),
    ("Nd", "Decimalnumber"),
    ("Nd", "Digit"),
    ("Nl", "Letternumber"),
    ("No", "Othernumber"),
    ("P", "Punctuation"),
    ("P", "Punct"),
    ("Pc", "Connectorpunctuation"),
    ("Pd", "Dashpunctuation"),
    ("Pe", "Closepunctuation"),
    ("Pf", "Finalpunctuation"),
    ("Pi", "Initialpunctuation"),
    ("Po", "Otherpunctuation"),
    ("Ps", "Openpunctuation"),
    ("S", "Symbol"),
    ("Sc", "Currencysymbol"),
    ("Sk", "Modifiersymbol"),
    ("Sm", "Mathsymbol"),
    ("So", "Othersymbol"),
    ("Z", "Separator"),
    ("Zl", "Lineseparator"),
    ("Zp", "Paragraphseparator"),
    ("Zs", "Spaceseparator"),
];

/// The characters of a class. None: Go does not know the name.
pub(super) fn unicode_class(name: &[u8]) -> Option<ClassUnicode> {
    let name = canonical(name);
    match &*name {
        "Any" => return Some(ClassUnicode::new([ClassUnicodeRange::new('\0', char::MAX)])),
        "Ascii" => return Some(ClassUnicode::new([ClassUnicodeRange::new('\0', '\x7f')])),
        "Assigned" => return Some(runes::assigned()),
        // A Go string that is UTF-8 has no surrogates.
        "Cs" | "Surrogate" => return Some(ClassUnicode::empty()),
        _ => {}
    }
    if let Some((short, _)) = CATEGORIES.iter().find(|(short, long)| *short == name || *long == name) {
        return Some(class_of(short));
    }
    let is_script = !name.is_empty() && SCRIPTS.contains(&format!(" {name} "));
    is_script.then(|| class_of(&name))
}

fn class_of(name: &str) -> ClassUnicode {
    match name {
        "Cn" => unassigned(),
        "C" => {
            let mut class = runes::unicode_class(r"\p{C}");
            class.union(&unassigned());
            class
        }
        _ => runes::unicode_class(&format!(r"\p{{{name}}}")),
    }
}

fn unassigned() -> ClassUnicode {
    let mut class = runes::assigned();
    class.negate();
    class
}

/// The first letter as a capital, all others small, without spaces, hyphens and underscores.
fn canonical(name: &[u8]) -> String {
    let mut canonical = String::with_capacity(name.len());
    for byte in name.iter().filter(|byte| !matches!(byte, b'_' | b'-' | b' ')) {
        let letter = char::from(*byte);
        canonical.push(if canonical.is_empty() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() });
    }
    canonical
}
