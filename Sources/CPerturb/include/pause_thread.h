#ifndef PAUSE_THREAD_H
#define PAUSE_THREAD_H

// Tells the processor that this thread is looking for work in a loop: its other half gets more of the core.
static inline void pause_thread(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#endif
