/** The page is being printed: nothing can be scrolled, so that pictures stand there whole as far as a sheet holds them. */
export const paper = $state({ on: false });

/** How high a picture may be on an A4 sheet, with its title and legend, in pixels. */
export const sheet = 820;
