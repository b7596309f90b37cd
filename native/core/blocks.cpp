// Blocks of a stripe.
//
// Up to 4 KiB a block has one of 28 sizes, four to a doubling, and lies in a slab, a run of pages cut into blocks of
// one size. What is known of a slab is in the table entry of its first page; its other pages say how far back that is.
//
//     stripe.slabs[class]    first of the slabs with a free block, linked through next and previous
//     PageInfo::owner        kSlab | class << 8 | stripe << 16
//     PageInfo::blocks       first free block + 1 : 16 | number of free blocks : 16
//     free block             its first word: next free block + 1
//
// Taking a block changes a word of the table and the link, and so does giving one back. A slab whose blocks are all
// free goes back to the free pages, unless it is the only one of its class that has any. When there is no page for
// another slab, a free block of a larger class will do. Blocks above 4 KiB are runs of their own.
//
// Everything is part of the stripe's transaction. A new slab is filled in without a journal, as nobody sees it before
// the commit; of a block that is taken or given back the journal keeps the first word.
#include "blocks.hpp"

#include "slab.hpp"

namespace lockstep {
namespace {

struct Slab {
  std::uint32_t page;
  std::uint32_t block_class;
  PageInfo& info;

  Offset block(const Segment& segment, std::uint32_t index) const noexcept {
    return offset_of_page(segment, page) + index * block_size_of(block_class);
  }
};

void link_slab(StripeWork& work, const Slab& slab) noexcept {
  Word& head = work.stripe().slabs[slab.block_class];
  work.set(slab.info.previous, 0);
  work.set(slab.info.next, head.load());
  if (PageInfo* const after = page_info(work.segment(), head.load() - 1)) work.set(after->previous, slab.page + 1);
  work.set(head, slab.page + 1);
}

void unlink_slab(StripeWork& work, const Slab& slab) noexcept {
  const std::uint32_t previous = slab.info.previous.load();
  const std::uint32_t next = slab.info.next.load();
  PageInfo* const before = page_info(work.segment(), previous - 1);
  PageInfo* const after = page_info(work.segment(), next - 1);
  work.set(before != nullptr ? before->next : work.stripe().slabs[slab.block_class], next);
  if (after != nullptr) work.set(after->previous, previous);
}

bool add_slab(StripeWork& work, std::uint32_t block_class) noexcept {
  Segment& segment = work.segment();
  const Offset run = work.take_run(slab_pages(block_class));
  if (run == 0) return false;
  const std::uint32_t page = page_of(segment, run);
  const Slab slab{page, block_class, segment.page(page)};
  const std::uint32_t count = slab_blocks(block_class);
  for (std::uint32_t i = 0; i < count; ++i) {
    auto* const link = reinterpret_cast<Word*>(segment.bytes(slab.block(segment, i)));
    link->store_release(i + 1 < count ? i + 2 : 0);
  }
  for (std::uint32_t i = 1; i < slab_pages(block_class); ++i) {
    segment.page(page + i).length.store_release(i);
    segment.page(page + i).state.store_release(kInside);
  }
  work.set(slab.info.owner, owner_word(block_class, work.index()));
  work.set(slab.info.blocks, pack(1, count));
  link_slab(work, slab);
  return true;
}

void count_bytes(StripeWork& work, std::uint64_t more, std::uint64_t less) noexcept {
  Word& used = work.stripe().used_bytes;
  work.set(used, static_cast<std::uint32_t>(used.load() + more - less));
}

Offset take_from_slab(StripeWork& work, std::uint32_t block_class) noexcept {
  Segment& segment = work.segment();
  const std::uint32_t page = work.stripe().slabs[block_class].load() - 1;
  PageInfo* const info = page_info(segment, page);
  if (info == nullptr || info->owner.load() != owner_word(block_class, work.index())) return 0;
  const Slab slab{page, block_class, *info};
  const std::uint32_t index = first_of(info->blocks.load()) - 1;
  if (index >= slab_blocks(block_class)) return 0;
  const Offset block = slab.block(segment, index);
  auto* const link = segment.checked<Word>(block, block_size_of(block_class));
  if (link == nullptr) return 0;
  const std::uint32_t left = free_of(info->blocks.load()) - 1;
  work.set(info->blocks, pack(first_of(link->load()), left));
  work.set(*link, 0);  // for the journal: a rollback wants the link back
  if (left == 0) unlink_slab(work, slab);
  count_bytes(work, block_size_of(block_class), 0);
  return block;
}

Offset take_large(StripeWork& work, std::uint64_t size) noexcept {
  const std::uint64_t pages = block_bytes(size) / kPage;
  const Offset run = pages > kMaxCapacity / kPage ? 0 : work.take_run(static_cast<std::uint32_t>(pages));
  if (run != 0) count_bytes(work, pages * kPage, 0);
  return run;
}

bool give_large(StripeWork& work, Offset run, const PageInfo& info) noexcept {
  if (info.owner.load() != static_cast<std::uint32_t>(PageOwner::kStripeRun) || run % kPage != 0) return false;
  count_bytes(work, 0, std::uint64_t{info.length.load()} * kPage);
  work.give_run(run);
  return true;
}

bool is_free(const Slab& slab) noexcept { return free_of(slab.info.blocks.load()) == slab_blocks(slab.block_class); }

void give_to_slab(StripeWork& work, const Slab& slab, std::uint32_t index) noexcept {
  Segment& segment = work.segment();
  const std::uint32_t blocks = slab.info.blocks.load();
  const std::uint32_t free = free_of(blocks) + 1;
  work.set(*reinterpret_cast<Word*>(segment.bytes(slab.block(segment, index))), first_of(blocks));
  work.set(slab.info.blocks, pack(index + 1, free));
  count_bytes(work, 0, block_size_of(slab.block_class));
  if (free == 1) link_slab(work, slab);
  const bool is_only = work.stripe().slabs[slab.block_class].load() == slab.page + 1 && slab.info.next.load() == 0;
  if (!is_free(slab) || is_only) return;
  unlink_slab(work, slab);
  work.give_run(offset_of_page(segment, slab.page));
}

// The first of a class is the one that is kept (give_to_slab).
bool trim_class(StripeWork& work, std::uint32_t block_class) noexcept {
  const std::uint32_t page = work.stripe().slabs[block_class].load() - 1;
  PageInfo* const info = page_info(work.segment(), page);
  if (info == nullptr || info->owner.load() != owner_word(block_class, work.index())) return false;
  const Slab slab{page, block_class, *info};
  if (!is_free(slab)) return false;
  unlink_slab(work, slab);
  work.give_run(offset_of_page(work.segment(), page));
  work.commit();
  return true;
}

}  // namespace

bool trim_stripes(const Participant& me) noexcept {
  bool any = false;
  for (std::uint32_t i = 0; i < stripe_count(*me.segment); ++i) {
    StripeWork work(me, i);
    for (std::uint32_t c = 0; c < kBlockClasses; ++c) any |= trim_class(work, c);
  }
  return any;
}

std::uint64_t block_bytes(std::uint64_t size) noexcept {
  return size <= kLargestBlock ? block_size_of(block_class_of(size)) : (size + kPage - 1) / kPage * kPage;
}

Offset take_block(StripeWork& work, std::uint64_t size) noexcept {
  if (size > kLargestBlock) return take_large(work, size);
  const std::uint32_t fitting = block_class_of(size);
  Offset block = take_from_slab(work, fitting);
  if (block == 0 && add_slab(work, fitting)) block = take_from_slab(work, fitting);
  for (std::uint32_t larger = fitting + 1; block == 0 && larger < kBlockClasses; ++larger) {
    block = take_from_slab(work, larger);
  }
  return block;
}

bool give_block(StripeWork& work, Offset block) noexcept {
  Segment& segment = work.segment();
  std::uint32_t page = page_of(segment, block);
  PageInfo* info = page_info(segment, page);
  if (info != nullptr && info->state.load() == kInside && info->length.load() <= page) {
    page -= info->length.load();
    info = page_info(segment, page);
  }
  if (info == nullptr) return false;
  const std::uint32_t block_class = info->owner.load() >> 8 & 0xff;
  if (block_class >= kBlockClasses || info->owner.load() != owner_word(block_class, work.index())) {
    return give_large(work, block, *info);
  }
  const std::uint32_t distance = block - offset_of_page(segment, page);
  const std::uint32_t index = distance / block_size_of(block_class);
  if (distance % block_size_of(block_class) != 0 || index >= slab_blocks(block_class)) return false;
  if (segment.checked<Word>(block, block_size_of(block_class)) == nullptr) return false;
  give_to_slab(work, {page, block_class, *info}, index);
  return true;
}

}  // namespace lockstep
