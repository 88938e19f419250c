/* The lines of a text view that can be chosen. */
#include "text_view_internal.h"

#include <stdint.h>

#include "pail/base/memory.h"

void text_view_add_choice(struct text_view *view) {
    if (view->choice_count == view->choice_room) {
        view->choice_room = view->choice_room ? view->choice_room * 2 : 16;
        view->choices = memory_resize(view->choices, view->choice_room, sizeof *view->choices);
    }
    view->choices[view->choice_count++] = view->text.length;
}

void text_view_show_choice(struct text_view *view, bool shown) {
    view->choice_shown = shown;
}

/* Its first row. */
static size_t row_of_choice(const struct text_view *view, size_t choice) {
    size_t low = 0, high = view->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (view->rows[middle].start < view->choices[choice])
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool choice_in_view(const struct text_view *view, size_t choice) {
    if (choice >= view->choice_count)
        return false;
    size_t row = row_of_choice(view, choice);
    return row >= view->top && row < view->top + view->page;
}

size_t text_view_choice(const struct text_view *view) {
    return choice_in_view(view, view->chosen) ? view->chosen : SIZE_MAX;
}

size_t text_view_chosen_row(const struct text_view *view) {
    return view->choice_shown && choice_in_view(view, view->chosen)
               ? row_of_choice(view, view->chosen)
               : SIZE_MAX;
}

void text_view_choose_in_view(struct text_view *view) {
    if (view->chosen >= view->choice_count)
        view->chosen = view->choice_count > 0 ? view->choice_count - 1 : 0;
    size_t near = view->chosen;
    if (view->choice_count == 0 || choice_in_view(view, near))
        return;
    if (row_of_choice(view, near) < view->top)
        while (near + 1 < view->choice_count && row_of_choice(view, near) < view->top)
            near++;
    else
        while (near > 0 && row_of_choice(view, near) >= view->top + view->page)
            near--;
    if (choice_in_view(view, near))
        view->chosen = near;
}

void text_view_find_choice(struct text_view *view) {
    if (view->choice_count > 0)
        text_view_scroll(view, row_of_choice(view, view->chosen));
}

bool text_view_choose_next(struct text_view *view, enum action action) {
    size_t next = action == ACTION_DOWN ? view->chosen + 1 : view->chosen - 1;
    if ((action != ACTION_DOWN && action != ACTION_UP) || !choice_in_view(view, view->chosen) ||
        !choice_in_view(view, next))
        return false;
    view->chosen = next;
    return true;
}
