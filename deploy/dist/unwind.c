/* Where the tables are that the unwinder of gcc needs for an address of the program.
 *
 * The unwinder of Debian asks glibc for them. musl has no such function, so this one answers from the
 * headers of the program, which musl lists. Without it a panic would end the process. */
#define _GNU_SOURCE
#include <link.h>
#include <stddef.h>

/* As glibc declares it for processors without a base address of data. */
struct dl_find_object {
    unsigned long long flags;
    void *start, *end, *link_map, *tables;
    unsigned long long reserved[7];
};

struct question {
    ElfW(Addr) address;
    struct dl_find_object *answer;
};

static int ask(struct dl_phdr_info *object, size_t size, void *data) {
    struct question *question = data;
    struct dl_find_object found = {0};
    (void)size;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        ElfW(Addr) start = object->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_GNU_EH_FRAME)
            found.tables = (void *)start;
        if (part->p_type == PT_LOAD && question->address - start < part->p_memsz) {
            found.start = (void *)start;
            found.end = (void *)(start + part->p_memsz);
        }
    }
    if (!found.start || !found.tables)
        return 0;
    *question->answer = found;
    return 1;
}

int _dl_find_object(void *address, struct dl_find_object *answer) {
    struct question question = {(ElfW(Addr))address, answer};
    return dl_iterate_phdr(ask, &question) ? 0 : -1;
}
