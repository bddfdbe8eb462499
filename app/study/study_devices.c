/* Devices of a session that are not given, or not whole. */
#include "study_reader.h"

#include "model/number.h"

#include <math.h>

enum { DEVICES_MAX = 32 }; /* of a dose of which some are skipped: the bits of struct dose */

/* A device holds two sprays, one for each nostril (SPRAVATO, prescribing information). */
static const double spray = 0.5; /* of a device's amount */

static uint32_t read_numbers(struct study_reader *r, const struct node *list)
{
    uint32_t devices = 0;
    for (int i = 0; list && list->kind == NODE_LIST && i < list->count; i++) {
        uint64_t number = 0;
        if (!node_is_scalar(list->items[i])) {
            continue;
        }
        if (!number_read_whole(list->items[i]->text, &number) || number < 1 || number > DEVICES_MAX) {
            study_error(r, list->items[i], "\"%s\" is no number of a device, 1 to %d", list->items[i]->text,
                        DEVICES_MAX);
            continue;
        }
        study_check_once(r, list, i);
        devices |= 1U << (number - 1);
    }
    return devices;
}

static int count_bits(uint32_t bits)
{
    int count = 0;
    for (; bits; bits &= bits - 1) {
        count++;
    }
    return count;
}

static int highest_bit(uint32_t bits)
{
    int number = 0;
    for (; bits; bits >>= 1) {
        number++;
    }
    return number;
}

void study_read_devices(struct study_reader *r, struct regimen_item *item, const struct route *route)
{
    const struct node *skipped = node_find(item->node, "skip_devices");
    const struct node *lost = node_find(item->node, "lost_sprays");
    struct dose *dose = &item->dose;
    if (!skipped && !lost) {
        return;
    }
    dose->skipped = read_numbers(r, skipped);
    dose->halved = read_numbers(r, lost);
    if (dose->skipped & dose->halved) {
        study_error(r, lost, "device %d is skipped, so that it has no spray to lose",
                    highest_bit(dose->skipped & dose->halved));
        dose->halved &= ~dose->skipped;
    }
    if (!route) {
        return; /* told */
    }
    if (route->device_amount == 0) {
        study_error(r, skipped ? skipped : lost, "the %s route gives no devices; leave out \"%s\"",
                    route->name, skipped ? "skip_devices" : "lost_sprays");
        dose->skipped = dose->halved = 0;
        return;
    }
    dose->lost = route->device_amount * (count_bits(dose->skipped) + spray * count_bits(dose->halved));
}

bool study_check_devices(struct study_reader *r, const struct regimen_item *item, const struct route *route,
                         const struct node *node, double amount)
{
    const int devices = (int)lround(amount / route->device_amount);
    const int highest = highest_bit(item->dose.skipped | item->dose.halved);
    const struct node *list =
        node_find(item->node, highest_bit(item->dose.skipped) == highest ? "skip_devices" : "lost_sprays");
    const bool own = node == node_find(item->node, "dose"); /* else it is an entry of the sweep */
    if (highest > devices) {
        study_error(r, own ? list : node,
                    "%s is %d device%s; there is no device %d to skip or to lose a spray of", node->text,
                    devices, devices == 1 ? "" : "s", highest);
        return false;
    }
    if (devices > 0 && count_bits(item->dose.skipped) == devices) {
        study_error(r, own ? list : node, "all devices of %s are skipped; leave out the session", node->text);
        return false;
    }
    return true;
}
