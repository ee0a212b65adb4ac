#ifndef FREED_MEMORY_H
#define FREED_MEMORY_H

// Keeps freed memory for later allocations instead of giving it back to the system.
void freed_memory_keep(void);

// Gives all memory that is free now back to the system.
void freed_memory_give_back(void);

#endif
