//! Lines of code that look like nothing else: two of them have little in common,
//! so that a line that was replaced is not taken for one that was changed. Whose
//! they are is not its business.

use super::noise::Noise;

/// `@` becomes a name that nothing else has, `%` a word, `#` a number.
const SHAPES: &[&str] = &[
    "    let @ = %.%(%)?;",
    "    if @.is_%() && % > # { return None; }",
    "    assert_eq!(@, %::%);",
    "    %.push(@ * #);",
    "    // The @ is what % and % wait for.",
    "    for % in @.% { %(%, #); }",
    "    match % { % => @, _ => #, }",
    "    const @: [u8; #] = *b\"% %\";",
    "    return Err(%::%(\"% @\"));",
    "    while let Some(%) = @.%() { % += #; }",
    "    %(|%| @.%(%), #..#)",
    "    #[%(% = \"@\")]",
    "    /// % the %, as % @ does.",
    "    static @: %<%> = %::new(#);",
    "    println!(\"%: {@} of {%}\");",
    "    loop { if %(@) == # { break %; } }",
];

const WORDS: &[&str] = &[
    "anchor", "basket", "candle", "dragon", "engine", "feather", "garden", "hammer", "island",
    "jacket", "kettle", "ladder", "marble", "needle", "orchard", "pencil", "quiver", "ribbon",
    "saddle", "timber", "umbrella", "velvet", "window", "yarn", "zephyr", "bridge", "copper",
    "dusk", "ember", "flint", "grove", "harbour", "ivory", "jungle", "knot", "lantern", "meadow",
    "north", "opal", "prairie", "quartz", "river", "summit", "tunnel", "vessel", "willow",
];

/// A line of code with one `@` in it.
pub(super) fn line(noise: &mut Noise) -> String {
    let shape = SHAPES[noise.below(SHAPES.len())];
    let mut text = String::new();
    for sign in shape.chars() {
        match sign {
            '%' => text.push_str(WORDS[noise.below(WORDS.len())]),
            // A number, unless an attribute begins here.
            '#' if !shape.contains("#[") => text.push_str(&noise.below(900).to_string()),
            sign => text.push(sign),
        }
    }
    text
}
